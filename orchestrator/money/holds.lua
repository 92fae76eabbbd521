-- The counters of budgets: what each scope has spent, what is held of it, and the most that both ever came to.
--
-- KEYS[1]      <prefix>money                 hash {generation, server}: which generation the counters are of, and which
--                                            run of the server they were made in. Without it, or after a restart, all
--                                            counters are void: what they may have lost only PostgreSQL knows.
-- KEYS[2]      <prefix>money:holds           hash: call id -> JSON {amount, at, scopes: [key, ...]}, what is held by whom;
--                                            emptied with the generation
-- KEYS[3]      <prefix>money:done:<call id>  string: what the call came to; lives `done_ms`, longer than any repetition
-- KEYS[4] ...  <prefix>money:of:<scope>      hash {generation, spent, held, high}, micro-dollars; one of another
--                                            generation counts as missing, and a missing one is never zero. Lives `ttl_ms`
--                                            after its last use.
-- ARGV[1]      JSON: {op, ...}, the fields beside each operation below. Amounts are micro-dollars.
-- Returns      JSON; amounts as strings, since a JSON number loses digits here.
--
-- Atomic over all scopes of a call: a budget is passed by the one call that slips between two looks. Every operation may
-- be repeated: a hold is known by its call id while it stands, and by `done` after it has ended.

local ask = cjson.decode(ARGV[1])
local operations = {}

local function scope_key(place) return KEYS[3 + place] end
local function whole(number) return string.format('%.0f', number) end

-- Of this run of the server; nil: the counters are void.
local function generation()
  local known = redis.call('HMGET', KEYS[1], 'generation', 'server')
  if not known[1] then return nil end
  if known[2] ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then return nil end
  return known[1]
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- {spent, held} of a scope; nil: missing.
local function standing(key, of_generation)
  local kept = redis.call('HMGET', key, 'generation', 'spent', 'held')
  if kept[1] ~= of_generation then return nil end
  return {spent = tonumber(kept[2]), held = tonumber(kept[3])}
end

local function add(key, spent, held)
  if spent ~= 0 then redis.call('HINCRBY', key, 'spent', whole(spent)) end
  if held ~= 0 then redis.call('HINCRBY', key, 'held', whole(held)) end
  local kept = redis.call('HMGET', key, 'spent', 'held', 'high')
  local after = tonumber(kept[1]) + tonumber(kept[2])
  if after > tonumber(kept[3] or '0') then redis.call('HSET', key, 'high', whole(after)) end
end

-- The most that a scope ever came to is kept over generations: it is the proof.
local function put(key, of_generation, spent, held, ttl_ms)
  redis.call('HSET', key, 'generation', of_generation, 'spent', whole(spent), 'held', whole(held))
  redis.call('PEXPIRE', key, whole(ttl_ms))
  add(key, 0, 0)
end

local function record(call_id, amount, scopes)
  redis.call('HSET', KEYS[2], call_id, cjson.encode({amount = whole(amount), at = whole(now_ms()), scopes = scopes}))
end

-- call_id, amount, scopes: [{limit (-1: none), ttl_ms, known (what it has spent, told by one who has just read it in
-- PostgreSQL under generation `seen` and found nothing under way; else absent)}], seen
-- -> {state: void | done | missing | refused | held, agreed}; missing: scopes = [place, ...]; refused: place, final
-- (what is spent is in the way, not only what others hold), spent, held; held: generation, again.
function operations.hold()
  local current = generation()
  if not current then return {state = 'void', agreed = false} end
  if redis.call('EXISTS', KEYS[3]) == 1 then return {state = 'done', agreed = false} end
  if redis.call('HEXISTS', KEYS[2], ask.call_id) == 1 then
    return {state = 'held', agreed = true, again = true, generation = current}
  end
  local stood, missing = {}, {}
  for place, scope in ipairs(ask.scopes) do
    stood[place] = standing(scope_key(place), current)
    if not stood[place] and scope.known and ask.seen == current then
      stood[place] = {spent = tonumber(scope.known), held = 0, fresh = true}
    end
    if not stood[place] then missing[#missing + 1] = place - 1 end
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
    local key = scope_key(place)
    if stood[place].fresh then put(key, current, stood[place].spent, 0, scope.ttl_ms) end
    add(key, 0, ask.amount)
    redis.call('PEXPIRE', key, whole(scope.ttl_ms))
    keys[place] = key
  end
  record(ask.call_id, ask.amount, keys)
  return {state = 'held', agreed = true, again = false, generation = current}
end

-- call_id, cost, done_ms -> {state: settled | again | unheld}. The call is over; 0 releases it. Only scopes in which it
-- was held are changed: what was rebuilt since has it from PostgreSQL.
function operations.settle()
  if redis.call('EXISTS', KEYS[3]) == 1 then return {state = 'again'} end
  redis.call('SET', KEYS[3], whole(ask.cost), 'PX', whole(ask.done_ms))
  local held = redis.call('HGET', KEYS[2], ask.call_id)
  if not held then return {state = 'unheld'} end
  redis.call('HDEL', KEYS[2], ask.call_id)
  local current = generation()
  if not current then return {state = 'unheld'} end
  local kept = cjson.decode(held)
  for _, key in ipairs(kept.scopes) do
    if standing(key, current) then add(key, ask.cost, -tonumber(kept.amount)) end
  end
  return {state = 'settled'}
end

-- generation (a string), spent, ttl_ms, calls: [[call id, amount], ...] sent and not over, as PostgreSQL had them in one
-- look under that generation -> {state: opened | known | void}. One scope: KEYS[4]; KEYS[3] is only the prefix of `done`.
function operations.open()
  local current = generation()
  if current ~= ask.generation then return {state = 'void'} end
  local key = KEYS[4]
  if standing(key, current) then return {state = 'known'} end
  local spent, held = ask.spent, 0
  for _, call in ipairs(ask.calls) do
    local done = redis.call('GET', KEYS[3] .. call[1])
    if done then  -- it ended after PostgreSQL was read
      spent = spent + tonumber(done)
    else
      held = held + call[2]
      local known = redis.call('HGET', KEYS[2], call[1])
      local scopes = known and cjson.decode(known).scopes or {}
      scopes[#scopes + 1] = key
      record(call[1], call[2], scopes)
    end
  end
  put(key, current, spent, held, ask.ttl_ms)
  return {state = 'opened'}
end

-- generation (a string) -> {state: found | late}. Begins a generation; one that is not newer than what stands is late.
function operations.found()
  local current = generation()
  if current and tonumber(current) >= tonumber(ask.generation) then return {state = 'late'} end
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'generation', ask.generation, 'server',
             string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'))
  return {state = 'found'}
end

-- -> {generation ('' if void), scopes: [{spent, held, high} or {} where missing]}
function operations.look()
  local current = generation()
  local found = {}
  for place = 1, #KEYS - 3 do
    local stood = current and standing(scope_key(place), current)
    local high = redis.call('HGET', scope_key(place), 'high')
    found[place] = stood and {spent = whole(stood.spent), held = whole(stood.held), high = high}
      or (high and {high = high} or cjson.decode('{}'))
  end
  return {generation = current or '', scopes = found}
end

return cjson.encode(operations[ask.op]())
