-- Takes one counted attempt back, in one step, if its window is still open.
-- KEYS: the limit. ARGV: now.

local used, expires_at = unpack(redis.call('HMGET', KEYS[1], 'used', 'expires_at'))

if (tonumber(used) or 0) > 0 and (tonumber(expires_at) or 0) > tonumber(ARGV[1]) then
    redis.call('HINCRBY', KEYS[1], 'used', -1)
end
