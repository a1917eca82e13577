-- Lists a customer's sessions, the most recently seen first, and removes expired ones from the index.
-- KEYS: the index. ARGV: the prefix of session names.
-- Returns the id, the last use and the fields of each session.

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
