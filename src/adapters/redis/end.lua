-- Ends a session, in one step.
-- KEYS: the session, the customer's index. ARGV: the id. Answers whether it lived.

redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
