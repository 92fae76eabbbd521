-- How much of its minute a key has used up: a bucket that fills evenly, kept as what is owed to it (GCRA).
--
-- KEYS[1]   <prefix>rate:<key id>   string "owed at": microseconds of the window that are owed, and when that was so by
--                                   Redis' TIME. Lives until all is paid, one window at most; a missing one owes nothing.
-- ARGV[1]   requests that the window takes
-- ARGV[2]   the window in microseconds
-- Returns   {fits (1 or 0), requests that still fit, microseconds until the bucket is full, or, of one that takes none,
--           until it takes one}
--
-- Atomic, as the request above the limit is the one that slips between a look and a write of two processes. Asked again
-- for one request it counts two: a caller loses one request by it, and the house nothing.

local quota, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local price = window / quota
local hair = price / 1000000  -- sums of fractions are not exact; a request more takes a whole price

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local owed = 0
local kept = redis.call('GET', KEYS[1])
if kept then
  local was, at = string.match(kept, '^(%S+) (%S+)$')
  owed = math.max(0, tonumber(was) - math.max(0, now - tonumber(at)))  -- a clock that was set back pays nothing
end

local fits = owed + price <= window + hair
if fits then owed = owed + price end
if owed > 0 then
  redis.call('SET', KEYS[1], string.format('%.6f %d', owed, now), 'PX', math.ceil(owed / 1000) + 1)
end

local left = math.max(0, window - owed)
local wait = owed
if left + hair < price then wait = price - left end
return {fits and 1 or 0, math.floor((left + hair) / price), math.ceil(wait)}
