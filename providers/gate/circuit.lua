-- One circuit: whether calls to a target (a model at a provider) go out, and what their outcomes teach.
--
-- KEYS[1]  <prefix>circuit:<target>  hash; forgotten `forget_ms` after the last write. Without it: closed, era 0.
--            state, era, openings, until, probe, probe_until, step, offered, passed   the circuit itself, see below
--            s0 .. s9               "slot:calls:faults:weight", a ring that is the rolling window
--            oks, faults, latency, ok_at, fault_at, fault   what health reads: counts, EWMA in ms, times, a code
-- KEYS[2]  <prefix>circuits           sorted set: targets by when they are forgotten; so that `look` finds them
-- ARGV[1]  JSON: op, target, rules, what the op takes, and now_ms (tests alone: a clock; Redis' own otherwise)
-- Returns  JSON: state, era, openings, wait_ms, what the op found, and `from`, `to`, `why` where the state changed; and,
--          for a script around this one, the same as a table.
--
-- closed     all pass; outcomes are counted. Too many faults: open.
-- open       none pass until `until`. The next one to ask then is the probe: half_open.
-- half_open  one probe at a time, owned by a call; a dead prober's place is free at `probe_until`.
-- ramp       the probe came home: `ramp[step]` per cent pass, the next step after a few successes, then closed.
--            One fault: open again, for longer.
--
-- `era` counts openings. An outcome teaches only in the era that admitted its call: a slow call from before the outage
-- neither closes nor opens what has moved on since.
--
-- Atomic, since two workers that read "no probe is out" at once would both send one.

local key, index = KEYS[1], KEYS[2]
local ask = cjson.decode(ARGV[1])
local rules = ask.rules
local SLOTS = 10
local SMOOTHING = 0.2  -- of the latency: the last ten calls make up nine tenths of it

local now = ask.now_ms
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local fields = redis.call('HMGET', key, 'state', 'era', 'openings', 'until', 'probe', 'probe_until', 'step', 'offered',
  'passed')
local held = {
  state = fields[1] or 'closed', era = tonumber(fields[2] or 0), openings = tonumber(fields[3] or 0),
  until_ms = tonumber(fields[4] or 0), probe = fields[5] or '', probe_until = tonumber(fields[6] or 0),
  step = tonumber(fields[7] or 1), offered = tonumber(fields[8] or 0), passed = tonumber(fields[9] or 0),
}
local answer = {}

local function keep()
  redis.call('HSET', key, 'state', held.state, 'era', held.era, 'openings', held.openings, 'until', held.until_ms,
    'probe', held.probe, 'probe_until', held.probe_until, 'step', held.step, 'offered', held.offered,
    'passed', held.passed)
end

local function stay()
  redis.call('PEXPIRE', key, rules.forget_ms)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
  redis.call('ZADD', index, now + rules.forget_ms, ask.target)
  redis.call('PEXPIRE', index, rules.forget_ms)
end

local function become(state, why)
  answer.from, answer.to, answer.why = held.state, state, why
  held.state = state
end

-- A number in [0, 1) that is the target's own, so that circuits which opened together do not probe together.
local function lot()
  return tonumber(string.sub(redis.sha1hex(ask.target .. ':' .. held.openings), 1, 8), 16) / 4294967296
end

local function open(why)
  held.openings = held.openings + 1
  held.era = held.era + 1
  local open_ms = math.min(rules.open_cap_ms, rules.open_ms * 2 ^ math.min(held.openings - 1, 30))
  held.until_ms = now + math.floor(open_ms * (1 + rules.jitter_percent / 100 * lot()))
  held.probe, held.probe_until = '', 0
  become('open', why)
end

local function close(why)
  held.openings, held.step, held.offered, held.passed, held.probe, held.probe_until = 0, 1, 0, 0, '', 0
  for slot = 0, SLOTS - 1 do
    redis.call('HDEL', key, 's' .. slot)  -- the outage is not held against what follows it
  end
  become('closed', why)
end

local function next_step(step, why)
  held.step, held.offered, held.passed, held.probe, held.probe_until = step, 0, 0, '', 0
  if step > #rules.ramp then
    close(why)
  elseif held.state ~= 'ramp' then
    become('ramp', why)
  end
end

local function this_slot()
  return math.floor(now * SLOTS / rules.window_ms)
end

local function count(faults, weight)
  local slot = this_slot()
  local field = 's' .. (slot % SLOTS)
  local before = redis.call('HGET', key, field)
  local at, calls, bad, heavy = string.match(before or '', '^(%d+):(%d+):(%d+):(%d+)$')
  if tonumber(at) ~= slot then
    calls, bad, heavy = 0, 0, 0
  end
  redis.call('HSET', key, field, string.format('%d:%d:%d:%d', slot, calls + 1, bad + faults, heavy + weight))
end

local function window()
  local oldest = this_slot() - SLOTS
  local sum = {calls = 0, faults = 0, weight = 0}
  for place = 0, SLOTS - 1 do
    local at, calls, bad, heavy = string.match(redis.call('HGET', key, 's' .. place) or '', '^(%d+):(%d+):(%d+):(%d+)$')
    if at and tonumber(at) > oldest then
      sum.calls, sum.faults, sum.weight = sum.calls + calls, sum.faults + bad, sum.weight + heavy
    end
  end
  return sum
end

local function probing()
  return held.state == 'half_open' and held.probe ~= '' and held.probe_until > now
end

local function lend_probe(why)
  if held.state ~= 'half_open' then
    become('half_open', why)
  end
  held.probe, held.probe_until = ask.call_id, now + ask.ttl_ms
  answer.admitted, answer.probe = true, true
  keep()
  stay()
end

local operations = {}

function operations.admit()
  answer.admitted, answer.probe = false, false
  if held.state == 'closed' then
    answer.admitted = true
  elseif held.state == 'open' then
    if now >= held.until_ms then lend_probe('its time is over') end
  elseif held.state == 'half_open' then
    if held.probe == ask.call_id or not probing() then lend_probe('') end
  else
    local percent = rules.ramp[held.step] or 100  -- the rules may have lost a step since
    answer.admitted = held.offered * percent % 100 < percent
    held.offered = held.offered + 1
    keep()
    stay()
  end
end

-- The same call asks again, since the answer to its first asking was lost; its permit says that it was let through.
function operations.again()
  answer.admitted, answer.probe = true, held.state == 'half_open' and held.probe == ask.call_id
end

-- Takes an admission back: the call does not go out after all. As if it had never asked.
function operations.undo()
  if held.state == 'half_open' and held.probe == ask.call_id then
    held.state, held.probe, held.probe_until = 'open', '', 0
    keep()
  elseif held.state == 'ramp' and held.offered > 0 then
    held.offered = held.offered - 1
    keep()
  end
end

function operations.renew()
  answer.renewed = held.state == 'half_open' and held.probe == ask.call_id
  if answer.renewed then
    held.probe_until = now + ask.ttl_ms
    keep()
  end
end

local function remember()
  if ask.weight > 0 then
    redis.call('HINCRBY', key, 'faults', 1)
    redis.call('HSET', key, 'fault_at', now, 'fault', ask.code)
    return
  end
  redis.call('HINCRBY', key, 'oks', 1)
  redis.call('HSET', key, 'ok_at', now)
  if ask.latency_ms then
    local before = tonumber(redis.call('HGET', key, 'latency') or ask.latency_ms)
    redis.call('HSET', key, 'latency', before + SMOOTHING * (ask.latency_ms - before))
  end
end

local function learn_from_probe()
  if ask.weight > 0 then
    open('the probe failed: ' .. ask.code)
  elseif ask.alive then
    next_step(1, 'the probe succeeded')
  else
    held.probe, held.probe_until = '', 0
  end
end

local function learn_in_ramp()
  if ask.weight > 0 then
    open('a fault while traffic returned: ' .. ask.code)
  elseif ask.alive then
    held.passed = held.passed + 1
    if held.passed >= rules.ramp_successes then next_step(held.step + 1, 'traffic returned in steps') end
  end
end

local function learn_in_traffic()
  if ask.weight == 0 then return end
  local seen = window()
  if seen.weight >= rules.min_faults and seen.faults * 100 >= seen.calls * rules.fault_percent then
    open(string.format('%d of %d calls failed, last: %s', seen.faults, seen.calls, ask.code))
  end
end

-- Idempotence is the caller's: the gate reports a call once, when it gives its permit back.
function operations.report()
  local counts = ask.weight > 0 or ask.alive
  if ask.at_ms then ask.latency_ms = math.max(0, now - ask.at_ms) end
  if counts then remember() end
  if ask.era == held.era then
    if counts and held.state ~= 'open' then count(ask.weight > 0 and 1 or 0, ask.weight) end
    if held.state == 'closed' then
      learn_in_traffic()
    elseif held.state == 'ramp' then
      learn_in_ramp()
    elseif held.state == 'half_open' and held.probe == ask.call_id then
      learn_from_probe()
    end
    keep()
  end
  stay()
end

-- A free probe found the provider awake: whoever asks next may try at once. It closes nothing.
function operations.ajar()
  if held.state == 'open' then
    held.until_ms, held.probe, held.probe_until = now, '', 0
    become('half_open', ask.why)
    keep()
    stay()
  end
end

function operations.reset()
  if held.state ~= 'closed' then
    held.era = held.era + 1
    close(ask.why)
    keep()
    stay()
  end
end

function operations.look()
  local known = redis.call('HMGET', key, 'oks', 'faults', 'latency', 'ok_at', 'fault_at', 'fault')
  answer.window = window()
  answer.oks, answer.faults = tonumber(known[1] or 0), tonumber(known[2] or 0)
  answer.latency_ms = tonumber(known[3] or -1)
  answer.ok_ago_ms = known[4] and now - known[4] or -1
  answer.fault_ago_ms = known[5] and now - known[5] or -1
  answer.fault, answer.probing = known[6] or '', probing()
end

operations[ask.op]()

-- How long a refused caller had better wait: until the circuit's time is over; a moment where a probe is out.
local wait_ms = rules.recheck_ms
if held.state == 'open' then
  wait_ms = math.max(0, held.until_ms - now)
elseif held.state == 'closed' then
  wait_ms = 0
end
answer.state, answer.era, answer.openings, answer.step = held.state, held.era, held.openings, held.step
answer.wait_ms, answer.now_ms = wait_ms, now
return cjson.encode(answer), answer
