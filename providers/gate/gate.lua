-- Both sides of the gate in one trip: the circuit and the limits, all or nothing.
--
-- `circuit` and `limits` are the scripts beside this one, wrapped as functions in front of it (see gate.py). So is
-- `companion`, a script of the caller's that has a say as well: it is asked last, and nothing is taken where it does not
-- agree. What it is about, the gate does not know.
--
-- KEYS[1], KEYS[2]  as circuit.lua's KEYS
-- KEYS[3] ...       as limits.lua's KEYS, then the companion's
-- ARGV[1]           enter or leave
-- ARGV[2]           the circuit's question, JSON as circuit.lua takes it: admit, or report
-- ARGV[3]           the limits' question, JSON as limits.lua takes it: take, or settle
-- ARGV[4]           how many of the KEYS are the companion's; 0: it is not asked
-- ARGV[5]           the companion's question, its only argument
-- ARGV[6]           the call's id
-- ARGV[7]           the time in ms for tests alone, which drive it; '': Redis' own clock counts
-- Returns           {circuit, limits, companion}: the answers, JSON; '' where it was not asked: `limits` where the circuit
--                   refused, `circuit` after a leave that is a repetition. The companion returns its answer and, once
--                   more, what the answer says in its field `agreed`.
-- Writes no keys of its own.
--
-- Atomic, since a permit without an admission would block a place, a probe without a permit would block the circuit, and
-- what a refused call had taken of the limits would be missing to others.

local circuit_keys, limit_keys, companion_keys = {KEYS[1], KEYS[2]}, {}, {}
local companion_from = #KEYS - ARGV[4] + 1
for place = 3, #KEYS do
  if place < companion_from then limit_keys[#limit_keys + 1] = KEYS[place]
  else companion_keys[#companion_keys + 1] = KEYS[place] end
end

local function ask_circuit()
  return circuit(circuit_keys, {ARGV[2]})
end

local function circuit_with(op)
  local question = cjson.decode(ARGV[2])
  question.op = op
  return circuit(circuit_keys, {cjson.encode(question)})
end

local function ask_limits()
  return limits(limit_keys, {ARGV[3]})
end

local function ask_companion()
  if #companion_keys == 0 then return '', true end
  return companion(companion_keys, {ARGV[5]})
end

-- Whether the call was let through before, and the answer to it was lost on its way.
local function is_repeated()
  local time = redis.call('TIME')
  local now = tonumber(ARGV[7]) or time[1] * 1000 + math.floor(time[2] / 1000)
  for place = 3, #limit_keys, 2 do
    local expires = redis.call('ZSCORE', limit_keys[place], ARGV[6])
    if expires and tonumber(expires) > now then return true end
  end
  return false
end

-- Gives back to the key that was chosen: `give_back` looks at the first of its keys.
local function give_back(taken)
  local place = 2 * taken.key
  limit_keys = {limit_keys[1], limit_keys[place], limit_keys[place + 1]}
  local question = cjson.decode(ARGV[3])
  question.op, question.names = 'give_back', {question.names[taken.key]}
  limits(limit_keys, {cjson.encode(question)})
end

local function enter()
  local of_circuit, admission = ask_circuit()
  if not admission.admitted then return {of_circuit, '', ''} end
  local of_limits, taken = ask_limits()
  if not taken.taken then
    circuit_with('undo')
    return {of_circuit, of_limits, ''}
  end
  local of_companion, agreed = ask_companion()
  if not agreed then
    give_back(taken)
    circuit_with('undo')
  end
  return {of_circuit, of_limits, of_companion}
end

local function enter_again()
  local of_circuit = circuit_with('again')
  local of_limits = ask_limits()
  local of_companion = ask_companion()
  return {of_circuit, of_limits, of_companion}
end

local function leave()
  local of_companion = ask_companion()
  local of_limits, settled = ask_limits()
  local of_circuit = settled.held and ask_circuit() or ''
  return {of_circuit, of_limits, of_companion}
end

if ARGV[1] == 'leave' then return leave() end
return is_repeated() and enter_again() or enter()
