-- Adds a session, in one step, and makes room for it among the customer's others.
-- KEYS: the session, the customer's index. ARGV: what names of sessions start with, the id, for how long it lives
-- unused, for how long at most, when it was seen, how many there may be, how long ago a use counts as just now, then its
-- fields and their values.

local prefix, id, idle, longest, seen_at, most, recent = unpack(ARGV, 1, 7)
seen_at, most, recent = tonumber(seen_at), tonumber(most), tonumber(recent)

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 8))
redis.call('PEXPIRE', KEYS[1], idle)
redis.call('ZADD', KEYS[2], seen_at, id)
if redis.call('PTTL', KEYS[2]) < tonumber(longest) then
    redis.call('PEXPIRE', KEYS[2], longest)
end

local over = redis.call('ZCARD', KEYS[2]) - most
if over <= 0 then
    return
end

-- Those that have expired do not count.
local others = {}
local index = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #index, 2 do
    local other, used_at = index[i], tonumber(index[i + 1])
    if other ~= id then
        local created_at = redis.call('HGET', prefix .. other, 'c')
        if created_at then
            others[#others + 1] = { id = other, used_at = used_at, created_at = tonumber(created_at) or 0 }
        else
            redis.call('ZREM', KEYS[2], other)
            over = over - 1
        end
    end
end

-- First what was used longest ago; of what was used just now, what was started last.
table.sort(others, function(one, other)
    local one_recent, other_recent = one.used_at >= seen_at - recent, other.used_at >= seen_at - recent
    if one_recent ~= other_recent then
        return other_recent
    elseif one_recent and one.created_at ~= other.created_at then
        return one.created_at > other.created_at
    elseif one.used_at ~= other.used_at then
        return one.used_at < other.used_at
    end
    return one.id < other.id
end)
for i = 1, over do
    redis.call('DEL', prefix .. others[i].id)
    redis.call('ZREM', KEYS[2], others[i].id)
end
