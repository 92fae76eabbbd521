-- The limits of a provider's keys: permits in flight, requests and tokens a minute, pauses, parked keys.
--
-- KEYS[1]         <prefix>limits                       sorted set: "provider/key" by when it is forgotten, for `look`
-- KEYS[2k]        <prefix>limit:<provider>/<key>       hash of the k-th key; forgotten `forget_ms` after its last use,
--                                                      or after its park or pause. Without it: fresh, and unlimited
--                                                      but for the rules.
--   limit, wins, pressed, cut_at     how many permits there are; what the next step up or down depends on
--   paused, strikes                  until when the key rests; rate limits in a row that told no wait
--   parked, parked_why               until when the key counts as dead, and why
--   req, req_at, req_cap, req_slow, req_slow_until, tok ...   two buckets: level, when it was so, capacity as the
--                                                             provider told it, a slower refill and its end
--   turn                             of all keys of the provider the one with the lowest waited longest
-- KEYS[2k+1]      <prefix>permits:<provider>/<key>     sorted set: call ids by when their permit expires; lives
--                                                      `memory_ms` longer than the last of them
-- ARGV[1]         JSON: op, names ("provider/key", as many as keys), rules, what the op takes, and now_ms (tests alone:
--                 a clock; Redis' own otherwise)
-- Returns         JSON, see each op; and, for a script around this one, the same as a table.
--
-- An expired permit is free at once but remembered for `memory_ms`: the call that comes home late still gives it back,
-- once. That makes every op safe to repeat: a call that holds a permit takes no second, a call that gave it back is not
-- heard again.
--
-- Atomic, since the choice of a key, its permit and its tokens are one decision: two workers must not both see the last
-- free place.

local index = KEYS[1]
local ask = cjson.decode(ARGV[1])
local rules = ask.rules
local MINUTE_MS = 60000

local now = ask.now_ms
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local FIELDS = {
  'limit', 'wins', 'pressed', 'cut_at', 'paused', 'strikes', 'parked', 'req', 'req_at', 'req_cap', 'req_slow',
  'req_slow_until', 'tok', 'tok_at', 'tok_cap', 'tok_slow', 'tok_slow_until', 'turn', 'parked_why',
}

local function load(k)
  local values = redis.call('HMGET', KEYS[2 * k], unpack(FIELDS))
  local key = {k = k, name = ask.names[k]}
  for place, field in ipairs(FIELDS) do
    key[field] = tonumber(values[place] or nil)
  end
  key.parked_why = values[#FIELDS] or ''
  key.limit = math.min(key.limit or rules.start_permits, rules.most_permits)
  for _, field in ipairs({'wins', 'pressed', 'cut_at', 'paused', 'strikes', 'parked', 'turn'}) do
    key[field] = key[field] or 0
  end
  key.in_flight = redis.call('ZCOUNT', KEYS[2 * k + 1], '(' .. now, '+inf')
  return key
end

local function keep(key)
  local values = {}
  for _, field in ipairs(FIELDS) do
    if key[field] then
      values[#values + 1] = field
      values[#values + 1] = key[field]
    end
  end
  local life_ms = math.max(key.parked - now, key.paused - now, 0) + rules.forget_ms
  redis.call('HSET', KEYS[2 * key.k], unpack(values))
  redis.call('PEXPIRE', KEYS[2 * key.k], life_ms)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
  redis.call('ZADD', index, now + life_ms, key.name)
  redis.call('PEXPIRE', index, math.max(life_ms, redis.call('PTTL', index)))
end

-- A bucket as it stands now, by the rules and by what the provider told; nil where neither knows a capacity.
local function bucket(key, kind)
  local ruled, told = rules[kind .. '_a_minute'], key[kind .. '_cap']
  if ruled == cjson.null then ruled = nil end
  if not (ruled or told) then return nil end
  local cap = math.min(ruled or told, told or ruled)
  local rate = cap / MINUTE_MS
  local level, at = key[kind] or cap, key[kind .. '_at'] or now
  local slow_until = key[kind .. '_slow_until'] or 0
  if slow_until > at then
    local slow_end = math.min(slow_until, now)
    level = level + math.max(0, slow_end - at) * key[kind .. '_slow']
    at = math.max(at, slow_end)
    if slow_until > now then rate = key[kind .. '_slow'] end
  end
  return {level = math.min(cap, level + math.max(0, now - at) * rate), cap = cap, rate = rate}
end

local function wait_for(pot, amount)
  local lacking = math.min(amount, pot.cap) - pot.level  -- what never fits goes out when the bucket is full
  if lacking <= 0 then return 0 end
  return pot.rate > 0 and math.ceil(lacking / pot.rate) or MINUTE_MS
end

-- What keeps a call from this key: how long, and in a word. Nothing: 0.
local function obstacle(key)
  if key.parked > now then return key.parked - now, 'parked' end
  local waits, why = key.paused - now, 'paused'
  for kind, amount in pairs({req = 1, tok = ask.tokens}) do
    local pot = bucket(key, kind)
    local wait = pot and wait_for(pot, amount) or 0
    if wait > math.max(waits, 0) then waits, why = wait, (kind == 'req' and 'requests' or 'tokens') end
  end
  if waits > 0 then return waits, why end
  if key.in_flight >= math.floor(key.limit) then return rules.permit_wait_ms, 'permits' end
  return 0, ''
end

-- The smallest share of free permits, requests and tokens: 1 is an idle key.
local function room(key)
  local share = (key.limit - key.in_flight) / key.limit
  for kind, amount in pairs({req = 1, tok = ask.tokens}) do
    local pot = bucket(key, kind)
    if pot then share = math.min(share, (pot.level - amount) / pot.cap) end
  end
  return share
end

local function move(key, kind, amount)
  local pot = bucket(key, kind)
  if pot then
    key[kind], key[kind .. '_at'] = math.min(pot.cap, pot.level + amount), now
  end
end

local function occupy(key)
  local permits = KEYS[2 * key.k + 1]
  redis.call('ZREMRANGEBYSCORE', permits, '-inf', now - rules.memory_ms)
  redis.call('ZADD', permits, now + ask.ttl_ms, ask.call_id)
  redis.call('PEXPIRE', permits, math.max(ask.ttl_ms + rules.memory_ms, redis.call('PTTL', permits)))
  key.in_flight = key.in_flight + 1
  if key.in_flight >= math.floor(key.limit) then key.pressed = 1 end
end

local function as_taken(key, again)
  return {taken = true, key = key.k, again = again, now_ms = now}
end

local function better(one, other)
  if not other then return true end
  if math.abs(one.room - other.room) > 1e-6 then return one.room > other.room end
  return one.turn < other.turn
end

-- Of two keys that cannot be had, which a caller should be told of: one that lives before a parked one.
local function nearer(wait_ms, why, refusal)
  if refusal.why == '' then return true end
  if (why == 'parked') ~= (refusal.why == 'parked') then return refusal.why == 'parked' end
  return wait_ms < refusal.wait_ms
end

local operations = {}

-- call_id, tokens, ttl_ms -> {taken, key, again, now_ms}, or {taken = false, wait_ms, why, parked_why}: the shortest
-- wait among the keys that live, else among the parked.
function operations.take()
  local keys, best, last_turn = {}, nil, 0
  for k = 1, #ask.names do
    local held = redis.call('ZSCORE', KEYS[2 * k + 1], ask.call_id)
    if held and tonumber(held) > now then return as_taken({k = k}, true) end
    keys[k] = load(k)
    last_turn = math.max(last_turn, keys[k].turn)
  end
  local refusal = {taken = false, wait_ms = -1, why = '', parked_why = '', now_ms = now}
  for _, key in ipairs(keys) do
    local wait_ms, why = obstacle(key)
    if wait_ms == 0 then
      key.room = room(key)
      if better(key, best) then best = key end
    elseif nearer(wait_ms, why, refusal) then
      refusal.wait_ms, refusal.why, refusal.parked_why = wait_ms, why, why == 'parked' and key.parked_why or ''
    end
    if why == 'permits' and key.pressed == 0 then
      key.pressed = 1
      keep(key)
    end
  end
  if not best then return refusal end
  move(best, 'req', -1)
  move(best, 'tok', -ask.tokens)
  occupy(best)
  best.turn = last_turn + 1
  keep(best)
  return as_taken(best, false)
end

-- call_id, tokens -> {held}. The call does not go out: its permit, request and tokens are as if never taken.
function operations.give_back()
  local held = redis.call('ZREM', KEYS[3], ask.call_id) == 1
  if held then
    local key = load(1)
    move(key, 'req', 1)
    move(key, 'tok', ask.tokens)
    keep(key)
  end
  return {held = held}
end

-- call_id, ttl_ms -> {held}. Also of an expired permit that is still remembered: its call is on its way after all.
function operations.renew()
  local held = redis.call('ZSCORE', KEYS[3], ask.call_id)
  if not held then return {held = false} end
  redis.call('ZADD', KEYS[3], now + ask.ttl_ms, ask.call_id)
  redis.call('PEXPIRE', KEYS[3], math.max(ask.ttl_ms + rules.memory_ms, redis.call('PTTL', KEYS[3])))
  return {held = true}
end

local function win(key)
  if now >= key.paused then key.strikes = 0 end
  key.wins = key.wins + 1
  if key.wins >= math.floor(key.limit) then  -- a window: as many successes as there are permits
    if key.pressed == 1 then key.limit = math.min(rules.most_permits, key.limit + rules.step_up) end
    key.wins, key.pressed = 0, 0
  end
end

-- In [0.5, 1): the key's own, so that two keys that were refused together do not come back together.
local function jitter(key)
  local lot = tonumber(string.sub(redis.sha1hex(key.name .. ':' .. key.strikes), 1, 8), 16) / 4294967296
  return 0.5 + lot / 2
end

local function slow_down(key)
  if now - key.cut_at >= rules.cut_every_ms then
    key.limit, key.cut_at = math.max(1, math.floor(key.limit / 2)), now
  end
  key.wins, key.pressed = 0, 0
  if ask.told_ms >= 0 then
    key.paused = math.max(key.paused, now + math.min(ask.told_ms, rules.pause_cap_ms))
  elseif now >= key.paused then  -- the others of one volley are one strike
    key.strikes = key.strikes + 1
    local pause_ms = math.min(rules.pause_cap_ms, rules.pause_ms * 2 ^ math.min(key.strikes - 1, 30))
    key.paused = now + math.floor(pause_ms * jitter(key))
  end
end

-- What the provider says is left counts where it is less than we thought: others may spend from the same limit.
local function hear(key, kind, reading)
  if not reading or reading == cjson.null then return end
  if reading.limit >= 0 then key[kind .. '_cap'] = reading.limit end
  local pot = bucket(key, kind)
  if not pot then
    if reading.remaining == 0 and reading.reset_ms > 0 then key.paused = math.max(key.paused, now + reading.reset_ms) end
    return
  end
  local level = pot.level
  if reading.remaining >= 0 then level = math.min(level, reading.remaining) end
  key[kind], key[kind .. '_at'] = level, now
  if reading.remaining >= 0 and reading.reset_ms > 0 then
    local told_rate = math.max(0, pot.cap - reading.remaining) / reading.reset_ms
    if told_rate < pot.cap / MINUTE_MS then
      key[kind .. '_slow'], key[kind .. '_slow_until'] = told_rate, now + reading.reset_ms
    else
      key[kind .. '_slow_until'] = 0
    end
  end
end

-- call_id, kind (success, rate_limit, park, other), told_ms, park_ms, why, tokens_back, req, tok, rest_ms -> {held,
-- parked, limit}. The call is over: its permit is free, and what its answer said is taken in. Not held: told before.
function operations.settle()
  local held = redis.call('ZREM', KEYS[3], ask.call_id) == 1
  if not held then return {held = false, parked = false, limit = 0} end
  local key = load(1)
  move(key, 'tok', ask.tokens_back)
  if ask.kind == 'success' then
    win(key)
  elseif ask.kind == 'rate_limit' then
    slow_down(key)
  elseif ask.kind == 'park' then
    key.parked, key.parked_why = math.max(key.parked, now + ask.park_ms), ask.why
  end
  hear(key, 'req', ask.req)
  hear(key, 'tok', ask.tok)
  if ask.rest_ms > 0 then key.paused = math.max(key.paused, now + math.min(ask.rest_ms, rules.pause_cap_ms)) end
  keep(key)
  return {held = true, parked = key.parked > now, limit = key.limit}
end

-- -> {}. Forgets what was learnt of the key; calls in flight keep their permits.
function operations.reset()
  redis.call('DEL', KEYS[2])
  return {done = true}
end

-- -> {limit, in_flight, paused_ms, parked_ms, parked_why, requests, tokens}: as it stands; -1 where there is no bucket.
function operations.look()
  local key = load(1)
  local requests, tokens = bucket(key, 'req'), bucket(key, 'tok')
  return {
    limit = key.limit, in_flight = key.in_flight, paused_ms = math.max(0, key.paused - now),
    parked_ms = math.max(0, key.parked - now), parked_why = key.parked > now and key.parked_why or '',
    requests = requests and math.max(0, requests.level) or -1, tokens = tokens and math.max(0, tokens.level) or -1,
  }
end

local answer = operations[ask.op]()
return cjson.encode(answer), answer
