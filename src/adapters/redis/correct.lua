-- Corrects the times of a limit that are too far in the future because the clock was set back, atomically.
-- KEYS: the limit. ARGV: now, the length of a window, how long an attempt may wait.

local now, window, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = redis.call('HMGET', KEYS[1], 'last_at', 'expires_at')
local last_at, expires_at = tonumber(stored[1]), tonumber(stored[2])
if not (last_at and expires_at) then
    return
end
if last_at - now > patience then
    redis.call('HSET', KEYS[1], 'last_at', string.format('%.0f', now))
end
if expires_at > now + window then
    redis.call('HSET', KEYS[1], 'expires_at', string.format('%.0f', now + window))
end
