-- Takes one counted attempt back, in one step, if its window is still open.
-- KEYS: the limit. ARGV: now, below how many attempts the limit's first step is.

local used, expires_at = unpack(redis.call('HMGET', KEYS[1], 'used', 'expires_at'))
used = tonumber(used) or 0

if used > 0 and (tonumber(expires_at) or 0) > tonumber(ARGV[1]) then
    redis.call('HINCRBY', KEYS[1], 'used', -1)
    if used <= tonumber(ARGV[2]) then
        redis.call('HSET', KEYS[1], 'last_at', 0)
    end
end
