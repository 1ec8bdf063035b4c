-- The words that not every script uses, and what happens where something is wrong: see `words` in prelude.lua. It is one chunk with checks.lua and
-- declarations.lua, which see its locals.

local need, check, outside_test, add_test, define = prelude.need, prelude.check, prelude.outside_test, prelude.add_test, prelude.define

-- Checks the fields of an option table: an unknown one is an error with a suggestion.
function fields(owner, options, allowed)
  if options == sgx_module and sgx_module then fail(owner .. ": call it with a dot, as " .. owner .. "(...)") end
  if type(options) ~= "table" then fail(owner .. ": expected a table of fields, got " .. type(options)) end
  local wrong
  for key in rawnext, options do
    if not allowed[key] then
      local name = tostring(key)
      if not wrong or name < wrong then wrong = name end
    end
  end
  if wrong then
    local known = {}
    for name in rawnext, allowed do known[#known + 1] = name end
    table.sort(known)
    fail(owner .. ": unknown field '" .. wrong .. "'" .. suggest(wrong, allowed)
      .. " (fields: " .. table.concat(known, ", ") .. ")")
  end
  return options
end

-- A hole would end a list early without a word. Other keys are not looked at.
function check_list(owner, list)
  local count = 0
  for key in rawnext, list do if math.type(key) == "integer" then count = count + 1 end end
  for index = 1, count do
    if list[index] == nil then fail(owner .. ": the list has a hole at index " .. index) end
  end
end

function prelude.before_each(body, ...)
  no_more("before_each", 1, ...)
  outside_test("before_each")
  local before = prelude.innermost().before
  before[#before + 1] = need("function", body, "before_each", "the body")
end

function prelude.after_each(body, ...)
  no_more("after_each", 1, ...)
  outside_test("after_each")
  local after = prelude.innermost().after
  after[#after + 1] = need("function", body, "after_each", "the body")
end

function prelude.pending(name, ...)
  no_more("pending", 1, ...)
  outside_test("pending")
  prelude.need_name(name, "pending")
  add_test(name, nil, nil, true)
end

local it_fields = { fails_on = true, only_on = true, expect_finding = true, tags = true }

function prelude.check_options(options) fields("it", options, it_fields) end

-- Tags of a test or of a script: { "slow", "sgx2" }, or one of them alone.
local function tag_names(owner, value)
  local tags = {}
  if type(value) == "table" then check_list(owner .. ": field 'tags'", value) end
  for index, tag in ipairs(type(value) == "table" and value or { value }) do
    if type(tag) ~= "string" or not host.is_tag(tag) then
      fail(owner .. ": field 'tags' holds words of a to z, 0 to 9, '_' and '-', got " .. tostring(tag))
    end
    tags[index] = tag
  end
  return tags
end

local function finding_names(value)
  if value == nil then return {} end
  local names = type(value) == "table" and value or { value }
  check_list("it: field 'expect_finding'", names)
  for _, name in ipairs(names) do host.check_finding_name(name) end
  return names
end

-- Versions that `fails_on` and `only_on` name, as ranges: { "5.11", reason = "…" }, { from = "v39", to = "6.1", reason = "…" }, or a
-- list of such tables.
local function driver_ranges(field, value)
  local ranges = {}
  if value == nil then return ranges end
  field = "field '" .. field .. "'"
  need("table", value, "it", field)
  check_list("it: " .. field, value)
  for _, entry in ipairs(type(value[1]) == "table" and value or { value }) do
    need("table", entry, "it", field)
    check_list("it: " .. field, entry)
    local reason, count = need("string", entry.reason, "it", field .. ": 'reason'"), #ranges
    for _, version in ipairs(entry) do ranges[#ranges + 1] = { version, version, reason } end
    if entry.from ~= nil or entry.to ~= nil then ranges[#ranges + 1] = { entry.from, entry.to, reason } end
    if #ranges == count then fail("it: " .. field .. " names no version") end
    for index = count + 1, #ranges do host.check_driver_range(ranges[index][1], ranges[index][2]) end
  end
  return ranges
end

function prelude.test_options(options)
  return {
    findings = finding_names(options.expect_finding), fails_on = driver_ranges("fails_on", options.fails_on),
    only_on = driver_ranges("only_on", options.only_on), tags = tag_names("it", options.tags),
  }
end

function prelude.begin_test(options)
  for _, name in ipairs(options.findings) do host.expect_finding(name) end
  for _, range in ipairs(options.fails_on) do host.fails_on(range[1], range[2], range[3]) end
  for _, range in ipairs(options.only_on) do host.only_on(range[1], range[2], range[3]) end
end

-- A string or a number as text; nothing else is asked for its text, which would run the script's own code.
local function plain_text(value)
  return (type(value) == "string" or type(value) == "number") and tostring(value) or nil
end

-- Records an error that stopped a test.
function prelude.report(problem, trace, place)
  if type(problem) == "table" then
    local code, message = plain_text(rawget(problem, "code")), plain_text(rawget(problem, "message"))
    problem = code and message and code .. ": " .. message or code or message or "error object is a table without 'message'"
  elseif problem == nil then
    problem = "error object is nil"
  elseif type(problem) ~= "string" and type(problem) ~= "number" then
    problem = "error object is a " .. type(problem) .. " value"
  end
  problem = tostring(problem)
  -- Other test frameworks have tables of that name.
  if string.find(problem, "attempt to index a function value (global 'assert')", 1, true) then
    problem = problem .. "; a check is written expect(value):equals(other)"
  end
  host.script_error(problem, trace or "", place or "")
end
