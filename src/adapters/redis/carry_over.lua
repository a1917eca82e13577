-- Moves a session to a credential epoch and to a new browser id, atomically, unless its epoch is later or it has
-- expired.
-- KEYS: the session. ARGV: the epoch, the hash of the browser.

if redis.call('EXISTS', KEYS[1]) == 1 and tonumber(redis.call('HGET', KEYS[1], 'v') or 0) < tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], 'v', ARGV[1], 'w', ARGV[2])
end
