-- What scenarios see besides Lua itself: describe, it, before_each, after_each, pending, expect, ensure.
-- The module "sgx" is in sgx.lua. Both are trusted; `host` holds the Swift side.

local tests = {}
local top = { before = {}, after = {} }
local open = top                -- the innermost describe being read
local running = false           -- a test is running
local STOP = {}                 -- what `ensure` raises; the failure is recorded already

local function need(kind, value, owner, what)
  if type(value) ~= kind then fail(owner .. ": " .. what .. " must be a " .. kind .. ", got " .. type(value)) end
  return value
end

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

local function outside_test(word)
  if running then fail(word .. " cannot be called inside a test") end
end

function globals.describe(name, body, ...)
  no_more("describe", 2, ...)
  outside_test("describe")
  need("string", name, "describe", "the name")
  need("function", body, "describe", "the body")
  local outer = open
  open = { name = name, outer = outer, before = {}, after = {} }
  body()
  open = outer
end

function globals.before_each(body, ...)
  no_more("before_each", 1, ...)
  outside_test("before_each")
  open.before[#open.before + 1] = need("function", body, "before_each", "the body")
end

function globals.after_each(body, ...)
  no_more("after_each", 1, ...)
  outside_test("after_each")
  open.after[#open.after + 1] = need("function", body, "after_each", "the body")
end

local it_fields = { fails_on = true, only_on = true, expect_finding = true, tags = true }

local function add_test(name, options, body, is_pending)
  local path, suite = { name }, open
  while suite.name do
    table.insert(path, 1, suite.name)
    suite = suite.outer
  end
  local file, line = where(1)
  tests[#tests + 1] = { path = path, options = options, body = body, suite = open, pending = is_pending, file = file, line = line }
end

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

function globals.it(name, options, body, ...)
  no_more("it", 3, ...)
  outside_test("it")
  need("string", name, "it", "the name")
  if body == nil then options, body = {}, options end
  fields("it", options, it_fields)
  need("function", body, "it", "the body")
  add_test(name, {
    findings = finding_names(options.expect_finding), fails_on = driver_ranges("fails_on", options.fails_on),
    only_on = driver_ranges("only_on", options.only_on), tags = tag_names("it", options.tags),
  }, body, false)
end

function globals.pending(name, ...)
  no_more("pending", 1, ...)
  outside_test("pending")
  add_test(need("string", name, "pending", "the name"), { findings = {}, tags = {} }, nil, true)
end

-- A value that the kernel never wrote. It is not itself either: two of them differ, and no check holds for one.
local unwritten = {
  __eq = function() return false end,
  __tostring = function() return "an uninitialised value" end,
  __index = function() fail("an uninitialised value has no fields") end,
  __newindex = function() fail("an uninitialised value has no fields") end,
}
function uninitialised() return rawsetmetatable({}, unwritten) end
local function is_uninitialised(value) return type(value) == "table" and rawgetmetatable(value) == unwritten end

-- Values as a reader wants them: strings in quotes, so that "3" and 3 differ.
local function show(value)
  if is_uninitialised(value) then return tostring(value) end
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) == "table" then
    local parts = {}
    for index, item in ipairs(value) do
      if index > 8 then parts[#parts + 1] = "..." break end
      parts[#parts + 1] = type(item) == "table" and (item.text or tostring(item)) or show(item)
    end
    return "{ " .. table.concat(parts, ", ") .. " }"
  end
  if math.type(value) == "integer" and (value > 255 or value < 0) then return string.format("%d (0x%x)", value, value) end
  return tostring(value)
end

local expectation = {}
local expectation_methods = {}

-- Defines a check that takes so many arguments.
local function define(name, least, most, body)
  expectation_methods[name] = function(self, ...)
    if type(self) ~= "table" or rawgetmetatable(self) ~= expectation then
      fail(name .. ": call it with a colon, as expect(value):" .. name .. "(...)")
    end
    local count = select("#", ...)
    if count < least or count > most then
      fail(name .. ": expected " .. (least == most and least or least .. " to " .. most)
        .. (most == 1 and " argument, got " or " arguments, got ") .. count)
    end
    return body(self, ...)
  end
end

local function check(self, holds, expected)
  if not running then fail("expect and ensure work inside a test only") end
  local file, line = where(1)
  holds = holds and not is_uninitialised(self.value)
  host.check(holds, expected, show(self.value), file or "", line or 0)
  if not holds and self.stops then error(STOP) end
end

local function length_of(self, method)
  if is_uninitialised(self.value) then return 0 end
  if type(self.value) ~= "table" and type(self.value) ~= "string" then
    fail(method .. ": a list or a string has a length, " .. type(self.value) .. " has none")
  end
  return #self.value
end

local function amount(self, method)
  if is_uninitialised(self.value) then return 0 end
  if math.type(self.value) == "integer" then return self.value end
  if type(self.value) == "table" then return #self.value end
  fail(method .. ": expected a whole number or a list, got " .. type(self.value))
end

define("equals", 1, 1, function(self, expected)
  if type(expected) == "table" then fail("equals compares values; compare the fields of tables one by one") end
  check(self, self.value == expected and math.type(self.value) == math.type(expected), show(expected))
end)

define("differs_from", 1, 1, function(self, other) check(self, self.value ~= other, "anything but " .. show(other)) end)
define("is_nil", 0, 0, function(self) check(self, self.value == nil, "nil") end)
define("is_true", 0, 0, function(self) check(self, self.value == true, "true") end)
define("is_false", 0, 0, function(self) check(self, self.value == false, "false") end)
define("is_empty", 0, 0, function(self) check(self, length_of(self, "is_empty") == 0, "nothing in it") end)

define("has_length", 1, 1, function(self, expected)
  check(self, length_of(self, "has_length") == expected, "length " .. show(expected))
end)

define("one_of", 1, 250, function(self, ...)
  local holds, parts = false, {}
  for index = 1, select("#", ...) do
    local candidate = (select(index, ...))
    holds = holds or self.value == candidate
    parts[index] = show(candidate)
  end
  check(self, holds, "one of " .. table.concat(parts, ", "))
end)

-- How many elements the site has that has most.
local function most_of_a_site(self, method)
  local counts, most = {}, 0
  for _, item in ipairs(type(self.value) == "table" and self.value or {}) do
    if type(item) ~= "table" or item.site == nil then fail(method .. ": only warnings have a site") end
    counts[item.site] = (counts[item.site] or 0) + 1
    most = math.max(most, counts[item.site])
  end
  return most
end

-- A log begins with the boot of its machine, so "per boot" is what a plain count is.
local units = { ["per boot"] = amount, ["per site"] = most_of_a_site }

local function bounded(method, compare, words)
  define(method, 1, 2, function(self, bound, per)
    if math.type(bound) ~= "integer" then fail(method .. ": the bound must be a whole number, got " .. type(bound)) end
    if per ~= nil and not units[per] then fail(method .. ": '" .. tostring(per) .. "' is neither 'per boot' nor 'per site'") end
    check(self, compare((per and units[per] or amount)(self, method), bound), words .. bound .. (per and " " .. per or ""))
  end)
end
bounded("at_most", function(value, bound) return value <= bound end, "at most ")
bounded("at_least", function(value, bound) return value >= bound end, "at least ")

define("contains", 1, 1, function(self, wanted)
  local holds = false
  if is_uninitialised(self.value) then
    holds = false
  elseif type(self.value) == "table" then
    for _, item in ipairs(self.value) do holds = holds or item == wanted or (type(item) == "table" and item.site == wanted) end
  else
    need("string", self.value, "contains", "the value")
    holds = host.contains(self.value, need("string", wanted, "contains", "what is looked for"))
  end
  check(self, holds, "something with " .. show(wanted))
end)

expectation.__index = function(_, name)
  local method = expectation_methods[name]
  if method then return method end
  if name == "value" then return nil end     -- nil itself is expected
  fail("expect has no check '" .. tostring(name) .. "'" .. suggest(tostring(name), expectation_methods))
end

local function expecting(word, stops)
  globals[word] = function(...)
    if select("#", ...) ~= 1 then fail(word .. ": expected 1 argument, got " .. select("#", ...)) end
    return rawsetmetatable({ value = (...), stops = stops }, expectation)
  end
end
expecting("expect", false)
expecting("ensure", true)
