-- The counters of budgets: what each scope has spent, what is held of it, and the most that both ever came to.
--
-- KEYS[1]      <prefix>money                 hash {generation, server}: which generation the counters are of, and which
--                                            run of the server they were made in. Without it, or after a restart, all
--                                            counters are void: what they may have lost only PostgreSQL knows.
-- KEYS[2]      <prefix>money:holds           hash: call id -> "amount since-ms", then for every book a line "><key>" and
--                                            its fields, a line each; emptied with the generation
-- KEYS[3]      <prefix>money:done:<call id>  string: what the call came to; lives `done_ms`, longer than any repetition
-- KEYS[4] ...  <prefix>money:of:<book>       hash: field -> "generation spent held high", micro-dollars; one of another
--                                            generation counts as missing, and a missing one is never zero. Lives
--                                            `ttl_ms` from the opening of its latest field. A book holds all budgets of a
--                                            month, or one job's: so what a call touches is few commands.
-- ARGV[1]      JSON: {op, ...}, the fields beside each operation below. Amounts are micro-dollars.
-- Returns      JSON, amounts as strings, since a JSON number loses digits here; and, for a script around this one, its
--              field `agreed`.
--
-- Atomic over all scopes of a call: a budget is passed by the one call that slips between two looks. Every operation may
-- be repeated: a hold is known by its call id while it stands, and by `done` after it has ended.

local ask = cjson.decode(ARGV[1])
local operations = {}

local SERVER = '<run of the server>'  -- written in when the server is given this script, see providers/scripts.py

local function book_key(place) return KEYS[3 + place] end
local function whole(number) return string.format('%d', number) end

-- Of this run of the server; nil: the counters are void.
local function generation()
  local known = redis.call('HMGET', KEYS[1], 'generation', 'server')
  if not known[1] or known[2] ~= SERVER then return nil end
  return known[1]
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- {spent, held, high} of a scope as it was read; without spent and held: missing. The most that it ever came to is kept
-- over generations: it is the proof.
local function standing(kept, of_generation)
  if not kept then return {high = 0} end
  local begun, spent, held, high = string.match(kept, '^(%S+) (%S+) (%S+) (%S+)$')
  if begun ~= of_generation then return {high = tonumber(high)} end
  return {spent = tonumber(spent), held = tonumber(held), high = tonumber(high)}
end

local function packed(of_generation, spent, held, high)
  return string.format('%s %d %d %d', of_generation, spent, held, math.max(high, spent + held))
end

-- `lines` as in the head of this script.
local function record(call_id, amount, lines)
  redis.call('HSET', KEYS[2], call_id, string.format('%d %d\n%s', amount, now_ms(), table.concat(lines, '\n')))
end

-- amount, {{key, fields}, ...}
local function recorded(kept)
  local amount, books = nil, {}
  for line in string.gmatch(kept, '[^\n]+') do
    if not amount then
      amount = tonumber(string.match(line, '^%d+'))
    elseif string.byte(line) == 62 then  -- >
      books[#books + 1] = {key = string.sub(line, 2), fields = {}}
    else
      local fields = books[#books].fields
      fields[#fields + 1] = line
    end
  end
  return amount, books
end

-- What stands of all scopes, in their order, and the places of those that are missing.
local function stood_of_all(current)
  local stood, missing = {}, {}
  for place, book in ipairs(ask.books) do
    local kept = redis.call('HMGET', book_key(place), unpack(book.fields))
    for at = 1, #book.fields do
      local one, known = standing(kept[at], current), book.known and book.known[at] or -1
      if not one.spent and known >= 0 and ask.seen == current then
        one.spent, one.held, book.fresh = known, 0, true
      end
      stood[#stood + 1] = one
      if not one.spent then missing[#missing + 1] = #stood - 1 end
    end
  end
  return stood, missing
end

-- The first scope without room; one where what is spent is in the way counts before others.
local function refusal(stood)
  local found, place = nil, 0
  for _, book in ipairs(ask.books) do
    for _, limit in ipairs(book.limits) do
      place = place + 1
      local one = stood[place]
      if limit >= 0 and one.spent + one.held + ask.amount > limit then
        local final = one.spent + ask.amount > limit
        if not found or (final and not found.final) then
          found = {state = 'refused', place = place - 1, final = final,
                   spent = whole(one.spent), held = whole(one.held)}
        end
      end
    end
  end
  return found
end

-- call_id, amount, seen, books: [{fields, limits (-1: none), ttl_ms, known (absent: none is): what each has spent, told by
-- one who has just read it in PostgreSQL under generation `seen` and found nothing under way; -1: not told}]
-- -> {state: void | done | missing | refused | held}; missing: scopes = [place, ...]; refused: place, final (what is
-- spent is in the way, not only what others hold), spent, held; held: generation, again, agreed = true.
function operations.hold()
  local current = generation()
  if not current then return {state = 'void'} end
  if redis.call('EXISTS', KEYS[3]) == 1 then return {state = 'done'} end
  if redis.call('HEXISTS', KEYS[2], ask.call_id) == 1 then
    return {state = 'held', agreed = true, again = true, generation = current}
  end
  local stood, missing = stood_of_all(current)
  if #missing > 0 then return {state = 'missing', scopes = missing, generation = current} end
  local refused = refusal(stood)
  if refused then return refused end
  local lines, scope = {}, 0
  for place, book in ipairs(ask.books) do
    local key, written = book_key(place), {}
    lines[#lines + 1] = '>' .. key
    for _, field in ipairs(book.fields) do
      scope = scope + 1
      local one = stood[scope]
      written[#written + 1], lines[#lines + 1] = field, field
      written[#written + 1] = packed(current, one.spent, one.held + ask.amount, one.high)
    end
    redis.call('HSET', key, unpack(written))
    if book.fresh then redis.call('PEXPIRE', key, whole(book.ttl_ms)) end
  end
  record(ask.call_id, ask.amount, lines)
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
  local amount, books = recorded(held)
  for _, book in ipairs(books) do
    local written = {}
    for place, kept in ipairs(redis.call('HMGET', book.key, unpack(book.fields))) do
      local one = standing(kept, current)
      if one.spent then
        written[#written + 1] = book.fields[place]
        written[#written + 1] = packed(current, one.spent + ask.cost, one.held - amount, one.high)
      end
    end
    if #written > 0 then redis.call('HSET', book.key, unpack(written)) end
  end
  return {state = 'settled'}
end

-- generation (a string), field, spent, ttl_ms, calls: [[call id, amount], ...] sent and not over, as PostgreSQL had them
-- in one look under that generation -> {state: opened | known | void}. One scope, in the book KEYS[4]; KEYS[3] is only
-- the prefix of `done`.
function operations.open()
  local current, key = generation(), KEYS[4]
  if current ~= ask.generation then return {state = 'void'} end
  local before = standing(redis.call('HGET', key, ask.field), current)
  if before.spent then return {state = 'known'} end
  local spent, held = ask.spent, 0
  for _, call in ipairs(ask.calls) do
    local done = redis.call('GET', KEYS[3] .. call[1])
    if done then  -- it ended after PostgreSQL was read
      spent = spent + tonumber(done)
    else
      held = held + call[2]
      local known = redis.call('HGET', KEYS[2], call[1])
      local lines = {'>' .. key, ask.field}
      if known then table.insert(lines, 1, string.sub(known, string.find(known, '\n', 1, true) + 1)) end
      record(call[1], call[2], lines)
    end
  end
  redis.call('HSET', key, ask.field, packed(current, spent, held, before.high))
  redis.call('PEXPIRE', key, whole(ask.ttl_ms))
  return {state = 'opened'}
end

-- generation (a string) -> {state: found | late}. Begins a generation; one that is not newer than what stands is late.
function operations.found()
  local current = generation()
  if current and tonumber(current) >= tonumber(ask.generation) then return {state = 'late'} end
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'generation', ask.generation, 'server', SERVER)
  return {state = 'found'}
end

-- books: [[field, ...], ...] -> {generation ('' if void), scopes: [{high} and, unless missing, {spent, held}]}
function operations.look()
  local current, found = generation(), {}
  for place, fields in ipairs(ask.books) do
    for _, field in ipairs(fields) do  -- one by one: there may be more than `unpack` can take
      local one = standing(redis.call('HGET', book_key(place), field), current)
      found[#found + 1] = {
        high = whole(one.high), spent = one.spent and whole(one.spent), held = one.held and whole(one.held),
      }
    end
  end
  return {generation = current or '', scopes = found}
end

local answer = operations[ask.op]()
return cjson.encode(answer), answer.agreed
