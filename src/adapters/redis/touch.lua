-- Notes that a session was used, in one step, unless a later use is noted or the session is over. Every use counts as later
-- than the creation, so that it shows in a record whether there was one.
-- KEYS: the session, the customer's index. ARGV: the id, now.

local created_at = tonumber(redis.call('HGET', KEYS[1], 'c'))
if created_at then
    local seen_at = math.max(tonumber(ARGV[2]), created_at + 1)
    redis.call('ZADD', KEYS[2], 'XX', 'GT', string.format('%.0f', seen_at), ARGV[1])
end
