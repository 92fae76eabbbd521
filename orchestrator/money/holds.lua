-- The counters of budgets: what each scope has spent, what is held of it, and the most that both ever came to.
--
-- KEYS[1]      <prefix>money                 hash {generation, server}: which generation the counters are of, and which
--                                            run of the server they were made in. Without it, or after a restart, all
--                                            counters are void: what they may have lost only PostgreSQL knows.
-- KEYS[2]      <prefix>money:holds           hash: call id -> "amount since-ms" and the scopes' keys, a line each; emptied
--                                            with the generation
-- KEYS[3]      <prefix>money:done:<call id>  string: what the call came to; lives `done_ms`, longer than any repetition
-- KEYS[4] ...  <prefix>money:of:<scope>      string "generation spent held high", micro-dollars; one of another generation
--                                            counts as missing, and a missing one is never zero. Lives `ttl_ms` from its
--                                            opening, then it is missing, and opened again if it is needed. A string, so
--                                            that all scopes of a call are read by one command.
-- ARGV[1]      JSON: {op, ...}, the fields beside each operation below. Amounts are micro-dollars.
-- Returns      JSON; amounts as strings, since a JSON number loses digits here.
--
-- Atomic over all scopes of a call: a budget is passed by the one call that slips between two looks. Every operation may
-- be repeated: a hold is known by its call id while it stands, and by `done` after it has ended.

local ask = cjson.decode(ARGV[1])
local operations = {}

local function scope_key(place) return KEYS[3 + place] end
local function whole(number) return string.format('%.0f', number) end

-- Which run of the server this is. Found as plain text: a pattern takes longer than all the rest of the script.
local function run_of_server()
  local told = redis.call('INFO', 'server')
  local _, before = string.find(told, 'run_id:', 1, true)
  return string.sub(told, before + 1, string.find(told, '\r', before, true) - 1)
end

-- Of this run of the server; nil: the counters are void.
local function generation()
  local known = redis.call('HMGET', KEYS[1], 'generation', 'server')
  if not known[1] or known[2] ~= run_of_server() then return nil end
  return known[1]
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- {spent, held, high} of a scope as it was read; nil: missing. The most that it ever came to is kept over generations: it
-- is the proof.
local function standing(kept, of_generation)
  if not kept then return nil end
  local begun, spent, held, high = string.match(kept, '^(%S+) (%S+) (%S+) (%S+)$')
  if begun ~= of_generation then return nil end
  return {spent = tonumber(spent), held = tonumber(held), high = tonumber(high)}
end

-- Writes what was read in this script, and nobody has changed since.
local function write(key, of_generation, spent, held, high, ttl_ms)
  local used = spent + held
  local kept = of_generation .. ' ' .. whole(spent) .. ' ' .. whole(held) .. ' ' .. whole(math.max(high, used))
  if ttl_ms then redis.call('SET', key, kept, 'PX', whole(ttl_ms)) else redis.call('SET', key, kept, 'KEEPTTL') end
end

local function begin(key, of_generation, spent, held, ttl_ms)
  local before = redis.call('GET', key)
  local high = before and tonumber(string.match(before, '%S+$')) or 0
  write(key, of_generation, spent, held, high, ttl_ms)
end

-- "amount at-ms", then the keys, a line each: read and written with every call, so it is kept plain.
local function record(call_id, amount, keys)
  redis.call('HSET', KEYS[2], call_id, whole(amount) .. ' ' .. whole(now_ms()) .. '\n' .. table.concat(keys, '\n'))
end

-- {amount, keys}
local function recorded(kept)
  local found = {keys = {}}
  for line in string.gmatch(kept, '[^\n]+') do
    if not found.amount then found.amount = tonumber(string.match(line, '^%d+'))
    else found.keys[#found.keys + 1] = line end
  end
  return found
end

-- call_id, amount, scopes: [{limit (-1: none), and, told by one who has just read it in PostgreSQL under generation `seen`
-- and found nothing under way: known, what it has spent, and ttl_ms}], seen
-- -> {state: void | done | missing | refused | held, agreed}; missing: scopes = [place, ...]; refused: place, final
-- (what is spent is in the way, not only what others hold), spent, held; held: generation, again.
function operations.hold()
  local current = generation()
  if not current then return {state = 'void', agreed = false} end
  if redis.call('EXISTS', KEYS[3]) == 1 then return {state = 'done', agreed = false} end
  if redis.call('HEXISTS', KEYS[2], ask.call_id) == 1 then
    return {state = 'held', agreed = true, again = true, generation = current}
  end
  local stood, missing = redis.call('MGET', unpack(KEYS, 4)), {}
  for place, scope in ipairs(ask.scopes) do
    stood[place] = standing(stood[place], current)
    if not stood[place] and scope.known and ask.seen == current then
      stood[place] = {spent = tonumber(scope.known), held = 0, fresh = true}
    end
    if not stood[place] then
      stood[place] = false
      missing[#missing + 1] = place - 1
    end
  end
  if #missing > 0 then return {state = 'missing', agreed = false, scopes = missing, generation = current} end
  local refused
  for place, scope in ipairs(ask.scopes) do
    local spent, held = stood[place].spent, stood[place].held
    if scope.limit >= 0 and spent + held + ask.amount > scope.limit then
      local final = spent + ask.amount > scope.limit
      if not refused or (final and not refused.final) then
        refused = {state = 'refused', agreed = false, place = place - 1, final = final,
                   spent = whole(spent), held = whole(held)}
      end
    end
  end
  if refused then return refused end
  local keys = {}
  for place, scope in ipairs(ask.scopes) do
    local key, stands = scope_key(place), stood[place]
    if stands.fresh then
      begin(key, current, stands.spent, ask.amount, scope.ttl_ms)
    else
      write(key, current, stands.spent, stands.held + ask.amount, stands.high)
    end
    keys[place] = key
  end
  record(ask.call_id, ask.amount, keys)
  return {state = 'held', agreed = true, again = false, generation = current}
end

-- call_id, cost, done_ms -> {state: settled | again | unheld}. The call is over; 0 releases it. Only scopes in which it
-- was held are changed: what was rebuilt since has it from PostgreSQL.
function operations.settle()
  if not redis.call('SET', KEYS[3], whole(ask.cost), 'PX', whole(ask.done_ms), 'NX') then return {state = 'again'} end
  local held = redis.call('HGET', KEYS[2], ask.call_id)
  if not held then return {state = 'unheld'} end
  redis.call('HDEL', KEYS[2], ask.call_id)
  -- Which run of the server it is does not matter here: void counters are not read by anybody.
  local current = redis.call('HGET', KEYS[1], 'generation')
  local kept = recorded(held)
  for place, found in ipairs(redis.call('MGET', unpack(kept.keys))) do
    local stands = standing(found, current)
    if stands then
      write(kept.keys[place], current, stands.spent + ask.cost, stands.held - kept.amount, stands.high)
    end
  end
  return {state = 'settled'}
end

-- generation (a string), spent, ttl_ms, calls: [[call id, amount], ...] sent and not over, as PostgreSQL had them in one
-- look under that generation -> {state: opened | known | void}. One scope: KEYS[4]; KEYS[3] is only the prefix of `done`.
function operations.open()
  local current = generation()
  if current ~= ask.generation then return {state = 'void'} end
  local key = KEYS[4]
  if standing(redis.call('GET', key), current) then return {state = 'known'} end
  local spent, held = ask.spent, 0
  for _, call in ipairs(ask.calls) do
    local done = redis.call('GET', KEYS[3] .. call[1])
    if done then  -- it ended after PostgreSQL was read
      spent = spent + tonumber(done)
    else
      held = held + call[2]
      local known = redis.call('HGET', KEYS[2], call[1])
      local keys = known and recorded(known).keys or {}
      keys[#keys + 1] = key
      record(call[1], call[2], keys)
    end
  end
  begin(key, current, spent, held, ask.ttl_ms)
  return {state = 'opened'}
end

-- generation (a string) -> {state: found | late}. Begins a generation; one that is not newer than what stands is late.
function operations.found()
  local current = generation()
  if current and tonumber(current) >= tonumber(ask.generation) then return {state = 'late'} end
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'generation', ask.generation, 'server', run_of_server())
  return {state = 'found'}
end

-- -> {generation ('' if void), scopes: [{spent, held, high} or {} where missing]}
function operations.look()
  local current = generation()
  local found = {}
  for place = 1, #KEYS - 3 do
    local kept = redis.call('GET', scope_key(place))
    local stood = current and standing(kept, current)
    local high = kept and string.match(kept, '%S+$')
    found[place] = stood and {spent = whole(stood.spent), held = whole(stood.held), high = high}
      or (high and {high = high} or cjson.decode('{}'))
  end
  return {generation = current or '', scopes = found}
end

return cjson.encode(operations[ask.op]())
