-- Counts one attempt, atomically, unless it is too early or the window is used up. An attempt that was counted already
-- is granted again and counted once: the command may have been sent twice.
-- KEYS: the limit. ARGV: now, the length of a window, how long an attempt may wait, the attempt's id, then the steps of
-- the limit: the number of attempts and the delay between them.
-- Returns how long the attempt has to wait, if it was granted, or how long until one is allowed.

local now, window, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local attempt = 'attempt:' .. ARGV[4]
local stored = redis.call('HMGET', KEYS[1], 'used', 'last_at', 'expires_at', attempt)
local used, last_at, expires_at = tonumber(stored[1]), tonumber(stored[2]), tonumber(stored[3])

-- Large numbers are formatted explicitly, since Lua would round them.
local function text(number)
    return string.format('%.0f', number)
end

local function write()
    redis.call('HSET', KEYS[1], 'used', used, 'last_at', text(last_at), 'expires_at', text(expires_at))
end

if (stored[1] or stored[2] or stored[3]) and not (used and last_at and expires_at) then
    return { 'corrupt' }
end
if not used or expires_at <= now then
    -- The attempts of the previous window are removed with it.
    redis.call('DEL', KEYS[1])
    used, last_at, expires_at = 0, 0, now + window
elseif stored[4] then
    local turn = tonumber(string.match(stored[4], '^(%d+):')) or now
    return { 'granted', text(math.min(math.max(turn - now, 0), patience)) }
end
-- Corrects times that are too far in the future because the clock was set back.
if last_at - now > patience or expires_at > now + window then
    last_at = last_at - now > patience and now or last_at
    expires_at = math.min(expires_at, now + window)
    write()
end

local delay
for i = 5, #ARGV, 2 do
    if used < tonumber(ARGV[i]) then
        delay = tonumber(ARGV[i + 1])
        break
    end
end
if not delay then
    return { 'refused', text(expires_at - now) }
end

local turn = math.max(now, math.min(last_at + delay, expires_at))
if turn - now > patience then
    return { 'refused', text(turn - now) }
end
redis.call('HSET', KEYS[1], attempt, text(turn) .. ':' .. text(last_at))
used, last_at = used + 1, turn
write()
if used == 1 then
    redis.call('PEXPIRE', KEYS[1], window)
end
return { 'granted', text(turn - now) }
