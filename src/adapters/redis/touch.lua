-- Records that a session was used, atomically, unless a later use is recorded or the session has expired. Every use
-- counts as later than the creation, so a record shows if there was one.
-- KEYS: the session, the customer's index. ARGV: the id, now.

local created_at = tonumber(redis.call('HGET', KEYS[1], 'c'))
if created_at then
    local seen_at = math.max(tonumber(ARGV[2]), created_at + 1)
    redis.call('ZADD', KEYS[2], 'XX', 'GT', string.format('%.0f', seen_at), ARGV[1])
end
