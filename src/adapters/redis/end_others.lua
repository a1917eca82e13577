-- Ends a customer's sessions of earlier credential epochs, except one, atomically.
-- KEYS: the customer's index. ARGV: the prefix of session names, the id of the session that stays, the first epoch
-- whose sessions stay.
-- Returns the ids of the sessions that existed.

local prefix, kept, before = ARGV[1], ARGV[2], tonumber(ARGV[3])
local ended = {}

for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local epoch = tonumber(redis.call('HGET', prefix .. id, 'v') or 0)
    if id ~= kept and epoch < before then
        if redis.call('DEL', prefix .. id) == 1 then
            ended[#ended + 1] = id
        end
        redis.call('ZREM', KEYS[1], id)
    end
end
return ended
