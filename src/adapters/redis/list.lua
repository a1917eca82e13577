-- Lists a customer's sessions, the one that was seen last first, and drops from the index those that have expired.
-- KEYS: the index. ARGV: what names of sessions start with. Answers the id of each, when it was seen, and its fields.

local found = {}
local index = redis.call('ZREVRANGE', KEYS[1], 0, -1, 'WITHSCORES')

for i = 1, #index, 2 do
    local fields = redis.call('HGETALL', ARGV[1] .. index[i])
    if #fields == 0 then
        redis.call('ZREM', KEYS[1], index[i])
    else
        found[#found + 1] = { index[i], index[i + 1], fields }
    end
end
return found
