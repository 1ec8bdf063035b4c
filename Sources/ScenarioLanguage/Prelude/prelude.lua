-- What scenarios see besides Lua itself: describe, it, before_each, after_each, pending, expect, ensure.
-- The module "sgx" is in sgx.lua. Both are trusted; `host` holds the Swift side. Here and in runner.lua is only what nearly every script
-- uses; the rest is in words.lua, since reading it all takes longer than running a small script.

local tests = {}
local top = { before = {}, after = {}, length = -2 }
local open = top                -- the innermost describe being read
local running = false           -- a test is running
local STOP = {}                 -- what `ensure` raises; the failure is recorded already

prelude = {}                    -- what words.lua and runner.lua add to
option_values = nil             -- of the script's options, by name, once they are known

-- What is in words.lua and what lies behind it, which is read at the first call.
function words()
  if not prelude.is_whole then
    prelude.is_whole = true
    host.read_words()
  end
  return prelude
end

local function need(kind, value, owner, what)
  if type(value) ~= kind then fail(owner .. ": " .. what .. " must be a " .. kind .. ", got " .. type(value)) end
  return value
end

-- Every line about a test has its whole name, which is that of the describes and its own with ", " between; how long that is.
local function need_name(name, owner)
  need("string", name, owner, "the name")
  local length = open.length + 2 + #name
  if length > 1000 then fail(owner .. ": the name has more than 1,000 bytes, describes included") end
  if string.find(name, "\0", 1, true) then fail(owner .. ": the name has a NUL byte in it") end
  return length
end

local function outside_test(word)
  if running then fail(word .. " cannot be called inside a test") end
end

function globals.describe(name, body, ...)
  no_more("describe", 2, ...)
  outside_test("describe")
  local length = need_name(name, "describe")
  need("function", body, "describe", "the body")
  local outer = open
  open = { name = name, outer = outer, before = {}, after = {}, length = length }
  body()
  open = outer
end

local function add_test(name, options, body, is_pending)
  local path, suite = { name }, open
  while suite.name do
    table.insert(path, 1, suite.name)
    suite = suite.outer
  end
  local file, line = where(1)
  tests[#tests + 1] = { path = path, options = options, body = body, suite = open, pending = is_pending, file = file, line = line }
end

function globals.it(name, options, body, ...)
  no_more("it", 3, ...)
  outside_test("it")
  need_name(name, "it")
  local has_options = body ~= nil
  if has_options then words().check_options(options) else body = options end
  need("function", body, "it", "the body")
  add_test(name, has_options and words().test_options(options) or nil, body, false)
end

for _, word in ipairs { "before_each", "after_each", "pending" } do
  globals[word] = function(...) return words()[word](...) end
end

-- Values as a reader wants them: strings in quotes, so that "3" and 3 differ. Nothing else may ask a table for a field: one of the
-- bench's own has only its own.
local function show(value)
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) == "table" or math.type(value) == "integer" and (value > 255 or value < 0) then return words().show(value) end
  return tostring(value)
end

local expectation = {}
local expectation_methods = {}

-- Defines a check that takes so many arguments.
local function define(name, least, most, body)
  expectation_methods[name] = function(self, ...)
    local count = select("#", ...)
    if type(self) ~= "table" or rawgetmetatable(self) ~= expectation or count < least or count > most then
      words().misuse(name, least, most, type(self) == "table" and rawgetmetatable(self) == expectation, count)
    end
    return body(self, ...)
  end
end

local made = 0                  -- expectations of this test
unchecked = {}                  -- those that no check was called on, and which they are

local function check(self, holds, expected)
  if not running then fail("expect and ensure work inside a test only") end
  unchecked[self] = nil
  if type(self.value) == "table" and words().is_uninitialised(self.value) then holds = false end
  local found = show(self.value)
  if self.beside then found = found .. " beside " .. show(self.beside) end
  host.check(holds, expected, found, self.file or "", self.line or 0)
  if not holds and self.stops then error(STOP) end
end

define("equals", 1, 1, function(self, expected)
  if type(expected) == "table" then fail("equals compares values; compare the fields of tables one by one") end
  check(self, self.value == expected and math.type(self.value) == math.type(expected), show(expected))
end)

-- Nil itself may be expected, and a place may be unknown.
local own = { value = true, beside = true, file = true, line = true }
expectation.__index = function(_, name)
  if not own[name] then return expectation_methods[name] or words().expectation_method(name) end
end

local function expecting(word, stops)
  globals[word] = function(...)
    local beside = select("#", ...) ~= 1 and words().beside(word, ...) or nil
    local file, line = where(1)
    made = made + 1
    local self = rawsetmetatable({ value = (...), stops = stops, file = file, line = line, beside = beside }, expectation)
    unchecked[self] = made
    return self
  end
end
expecting("expect", false)
expecting("ensure", true)
