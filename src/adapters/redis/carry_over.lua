-- Has a session go on in a credential epoch, in a browser with a new id, in one step, unless it is of a later one, or is over.
-- KEYS: the session. ARGV: the epoch, the hash of the browser.

if redis.call('EXISTS', KEYS[1]) == 1 and tonumber(redis.call('HGET', KEYS[1], 'v') or 0) < tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], 'v', ARGV[1], 'w', ARGV[2])
end
