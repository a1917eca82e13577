-- Counts one attempt, in one step, unless the window is used up.
-- KEYS: the limit. ARGV: now, how many attempts a window allows, its length, when one that starts now ends.
-- Answers whether it was granted, and if not, when the window ends.

local used, expires_at = unpack(redis.call('HMGET', KEYS[1], 'used', 'expires_at'))
local now, attempts, window, next_expires_at = unpack(ARGV)

if (used or expires_at) and not (tonumber(used) and tonumber(expires_at)) then
    return { 'corrupt' }
end
if not used or tonumber(expires_at) <= tonumber(now) then
    redis.call('HSET', KEYS[1], 'used', 1, 'expires_at', next_expires_at)
    redis.call('PEXPIRE', KEYS[1], window)
    return { 'granted' }
end
if tonumber(used) < tonumber(attempts) then
    redis.call('HINCRBY', KEYS[1], 'used', 1)
    return { 'granted' }
end
return { 'refused', expires_at }
