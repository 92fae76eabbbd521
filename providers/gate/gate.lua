-- Both sides of the gate in one trip: the circuit and the limits, all or nothing.
--
-- `circuit` and `limits` are the scripts beside this one, wrapped as functions in front of it (see gate.py).
--
-- KEYS[1], KEYS[2]  as circuit.lua's KEYS
-- KEYS[3] ...       as limits.lua's KEYS
-- ARGV[1]           enter or leave
-- ARGV[2]           the circuit's question, JSON as circuit.lua takes it: admit, or report
-- ARGV[3]           the limits' question, JSON as limits.lua takes it: take, or settle
-- Returns           JSON {circuit, limits}: the two answers; `limits` is absent where the circuit refused, and after a
--                   leave that is a repetition `circuit` is absent.
-- Writes no keys of its own.
--
-- Atomic, since a permit without an admission would block a place, and a probe without a permit would block the circuit.

local circuit_keys, limit_keys = {KEYS[1], KEYS[2]}, {}
for place = 3, #KEYS do
  limit_keys[place - 2] = KEYS[place]
end

local function circuit_with(op)
  local question = cjson.decode(ARGV[2])
  question.op = op
  return cjson.decode(circuit(circuit_keys, {cjson.encode(question)}))
end

local function ask_limits()
  return cjson.decode(limits(limit_keys, {ARGV[3]}))
end

-- Whether the call was let through before, and the answer to it was lost on its way.
local function is_repeated()
  local question = cjson.decode(ARGV[3])
  local time = redis.call('TIME')
  local now = question.now_ms or time[1] * 1000 + math.floor(time[2] / 1000)
  for place = 3, #limit_keys, 2 do
    local expires = redis.call('ZSCORE', limit_keys[place], question.call_id)
    if expires and tonumber(expires) > now then return true end
  end
  return false
end

local function enter()
  local told = cjson.decode(circuit(circuit_keys, {ARGV[2]}))
  if not told.admitted then return {circuit = told} end
  local taken = ask_limits()
  if not taken.taken then circuit_with('undo') end
  return {circuit = told, limits = taken}
end

local function leave()
  local settled = ask_limits()
  if not settled.held then return {limits = settled} end
  return {circuit = cjson.decode(circuit(circuit_keys, {ARGV[2]})), limits = settled}
end

if ARGV[1] == 'leave' then return cjson.encode(leave()) end
if is_repeated() then return cjson.encode({circuit = circuit_with('again'), limits = ask_limits()}) end
return cjson.encode(enter())
