-- Ends a session, atomically.
-- KEYS: the session, the customer's index. ARGV: the id.
-- Returns 1 if it existed.

redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
