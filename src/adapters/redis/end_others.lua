-- Ends all sessions of a customer but one, in one step.
-- KEYS: the customer's index. ARGV: what names of sessions start with, the id of the one that stays.
-- Answers the ids of those that lived.

local ended = {}

for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if id ~= ARGV[2] then
        if redis.call('DEL', ARGV[1] .. id) == 1 then
            ended[#ended + 1] = id
        end
        redis.call('ZREM', KEYS[1], id)
    end
end
return ended
