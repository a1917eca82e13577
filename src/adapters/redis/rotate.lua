-- Rotates a refresh token, atomically. For the names of the fields see `sessions.rs`.
-- KEYS: the session, the customer's index. ARGV: the id, the presented token, its successor, now, the grace period, the
-- tolerated clock skew, the next idle limit, the account's credential epoch, the hash of the browser or an empty text,
-- the network.
-- Returns the outcome and, if the session continues, its expiry.

local token, previous, last_used_at, expires_at, ends_at, epoch, browser, network, rotated_at, created_at =
    unpack(redis.call('HMGET', KEYS[1], 't', 'p', 'u', 'x', 'e', 'v', 'w', 'n', 'g', 'c'))
local id, presented, successor, now, grace, skew, idle_limit, current_epoch, by_browser, by_network = unpack(ARGV)

local function end_it()
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], id)
end

local function server_time()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- The clocks of the instances may differ, while this server has one clock. So this server's clock decides if the grace
-- period has passed, and the clocks of the instances, within the tolerated skew, detect that a clock was set.
local function is_in_grace()
    local unused_for = tonumber(now) - tonumber(last_used_at)
    local passed = server_time() - (tonumber(rotated_at) or 0)
    if passed < 0 or not rotated_at then
        -- Another server took over, or another version of the program wrote this.
        return -tonumber(skew) <= unused_for and unused_for <= tonumber(grace)
    end
    return passed <= tonumber(grace) and -tonumber(skew) <= unused_for
        and unused_for <= tonumber(grace) + tonumber(skew)
end

if not (token or previous or last_used_at or expires_at or ends_at) then
    return { 'gone' }
end
if not (token and tonumber(last_used_at) and tonumber(expires_at) and tonumber(ends_at)) then
    return { 'corrupt' }
end
if tonumber(expires_at) <= tonumber(now) or (tonumber(epoch) or 0) < tonumber(current_epoch) then
    end_it()
    return { 'gone' }
end

if token == presented then
    if tonumber(ends_at) < tonumber(idle_limit) then
        idle_limit = ends_at
    end
    redis.call('HSET', KEYS[1], 't', successor, 'p', presented, 'u', now, 'x', idle_limit, 'n', by_network,
        'g', string.format('%.0f', server_time()))
    redis.call('PEXPIRE', KEYS[1], tonumber(idle_limit) - tonumber(now))
    -- Later than the creation, which marks the session as used: see `touch.lua`.
    local seen_at = math.max(tonumber(now), (tonumber(created_at) or 0) + 1)
    redis.call('ZADD', KEYS[2], 'XX', 'GT', string.format('%.0f', seen_at), id)
    return { 'rotated', idle_limit }
end
local is_own_browser = by_browser ~= '' and browser == by_browser and network == by_network
if previous == presented and (is_in_grace() or is_own_browser) then
    return { 'repeated', expires_at }
end
end_it()
return { 'reused' }
