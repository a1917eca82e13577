-- Adds a session and ends others of the customer to stay within the limit, atomically.
-- KEYS: the session, the customer's index. ARGV: the prefix of session names, the id, the idle lifetime, the maximum
-- lifetime, when it was last seen, the maximum number of sessions, then the fields and their values.

local prefix, id, idle, longest, seen_at, most = unpack(ARGV, 1, 6)

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
redis.call('PEXPIRE', KEYS[1], idle)
redis.call('ZADD', KEYS[2], seen_at, id)
if redis.call('PTTL', KEYS[2]) < tonumber(longest) then
    redis.call('PEXPIRE', KEYS[2], longest)
end

local over = redis.call('ZCARD', KEYS[2]) - tonumber(most)
if over <= 0 then
    return
end

-- Expired sessions do not count.
local others = {}
local index = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #index, 2 do
    local other, last_seen_at = index[i], tonumber(index[i + 1])
    if other ~= id then
        local created_at = redis.call('HGET', prefix .. other, 'c')
        if created_at then
            others[#others + 1] = { id = other, seen_at = last_seen_at, used = last_seen_at > (tonumber(created_at) or 0) }
        else
            redis.call('ZREM', KEYS[2], other)
            over = over - 1
        end
    end
end

-- First the sessions that were never used after their creation, then those with the oldest last use.
table.sort(others, function(one, other)
    if one.used ~= other.used then
        return other.used
    elseif one.seen_at ~= other.seen_at then
        return one.seen_at < other.seen_at
    end
    return one.id < other.id
end)
for i = 1, over do
    redis.call('DEL', prefix .. others[i].id)
    redis.call('ZREM', KEYS[2], others[i].id)
end
