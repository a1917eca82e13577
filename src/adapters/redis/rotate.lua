-- Uses a refresh token, in one step. For the names of the fields see `sessions.rs`.
-- KEYS: the session, the customer's index. ARGV: the id, the token presented, its successor, now, the grace, how far
-- clocks may be apart, the next idle limit.
-- Answers what came of it and, where the session goes on, when it expires.

local token, previous, last_used_at, expires_at, ends_at =
    unpack(redis.call('HMGET', KEYS[1], 't', 'p', 'u', 'x', 'e'))
local id, presented, successor, now, grace, skew, idle_limit = unpack(ARGV)

local function end_it()
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], id)
end

if not (token or previous or last_used_at or expires_at or ends_at) then
    return { 'gone' }
end
if not (token and tonumber(last_used_at) and tonumber(expires_at) and tonumber(ends_at)) then
    return { 'corrupt' }
end
if tonumber(expires_at) <= tonumber(now) then
    end_it()
    return { 'gone' }
end

if token == presented then
    if tonumber(ends_at) < tonumber(idle_limit) then
        idle_limit = ends_at
    end
    redis.call('HSET', KEYS[1], 't', successor, 'p', presented, 'u', now, 'x', idle_limit)
    redis.call('PEXPIRE', KEYS[1], tonumber(idle_limit) - tonumber(now))
    redis.call('ZADD', KEYS[2], 'XX', 'GT', now, id)
    return { 'rotated', idle_limit }
end
local unused_for = tonumber(now) - tonumber(last_used_at)
if previous == presented and -tonumber(skew) <= unused_for and unused_for <= tonumber(grace) then
    return { 'repeated', expires_at }
end
end_it()
return { 'reused' }
