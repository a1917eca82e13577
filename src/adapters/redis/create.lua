-- Adds a session, in one step, and makes room for it among the customer's others.
-- KEYS: the session, the customer's index. ARGV: what names of sessions start with, the id, for how long it lives
-- unused, for how long at most, when it was seen, how many there may be, then its fields and their values.

local prefix, id, idle, longest, seen_at, most = unpack(ARGV, 1, 6)

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
redis.call('PEXPIRE', KEYS[1], idle)
redis.call('ZADD', KEYS[2], seen_at, id)
if redis.call('PTTL', KEYS[2]) < tonumber(longest) then
    redis.call('PEXPIRE', KEYS[2], longest)
end

if redis.call('ZCARD', KEYS[2]) > tonumber(most) then
    -- Those that have expired do not count.
    for _, other in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
        if redis.call('EXISTS', prefix .. other) == 0 then
            redis.call('ZREM', KEYS[2], other)
        end
    end
    for _, oldest in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1 - tonumber(most))) do
        redis.call('DEL', prefix .. oldest)
        redis.call('ZREM', KEYS[2], oldest)
    end
end
