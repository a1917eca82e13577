-- Removes one counted attempt, atomically, if its window is still open.
-- KEYS: the limit. ARGV: now, the number of attempts in the limit's first step, the attempt's id.

local attempt = 'attempt:' .. ARGV[3]
local used, last_at, expires_at, counted = unpack(redis.call('HMGET', KEYS[1], 'used', 'last_at', 'expires_at', attempt))
used, expires_at = tonumber(used) or 0, tonumber(expires_at) or 0
if not counted or used == 0 or expires_at <= tonumber(ARGV[1]) then
    return
end

if used == 1 then
    redis.call('DEL', KEYS[1])
    return
end
redis.call('HDEL', KEYS[1], attempt)
redis.call('HINCRBY', KEYS[1], 'used', -1)
local turn, previous = string.match(counted, '^(%d+):(%d+)$')
if used <= tonumber(ARGV[2]) then
    redis.call('HSET', KEYS[1], 'last_at', 0)
elseif turn == last_at then
    redis.call('HSET', KEYS[1], 'last_at', previous)
end
