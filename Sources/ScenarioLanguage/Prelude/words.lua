-- The words that not every script uses, and what happens where something is wrong: see `words` in prelude.lua.

local need, check, outside_test, add_test = prelude.need, prelude.check, prelude.outside_test, prelude.add_test
local expectation_methods = prelude.expectation_methods

-- Checks the fields of an option table: an unknown one is an error with a suggestion.
function fields(owner, options, allowed)
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

function prelude.before_each(body)
  outside_test("before_each")
  local before = prelude.innermost().before
  before[#before + 1] = need("function", body, "before_each", "the body")
end

function prelude.after_each(body)
  outside_test("after_each")
  local after = prelude.innermost().after
  after[#after + 1] = need("function", body, "after_each", "the body")
end

function prelude.pending(name)
  outside_test("pending")
  add_test(need("string", name, "pending", "the name"), nil, nil, true)
end

local it_fields = { fails_on = true, only_on = true, expect_finding = true, tags = true }

function prelude.check_options(options) fields("it", options, it_fields) end

local function finding_names(value)
  if value == nil then return {} end
  local names = type(value) == "table" and value or { value }
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
  for _, entry in ipairs(type(value[1]) == "table" and value or { value }) do
    need("table", entry, "it", field)
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
    only_on = driver_ranges("only_on", options.only_on),
  }
end

function prelude.begin_test(options)
  for _, name in ipairs(options.findings) do host.expect_finding(name) end
  for _, range in ipairs(options.fails_on) do host.fails_on(range[1], range[2], range[3]) end
  for _, range in ipairs(options.only_on) do host.only_on(range[1], range[2], range[3]) end
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
prelude.is_uninitialised = is_uninitialised

-- Any value as a reader wants it.
function prelude.show(value)
  if is_uninitialised(value) then return tostring(value) end
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) == "table" then
    local parts = {}
    for index, item in ipairs(value) do
      if index > 8 then parts[#parts + 1] = "..." break end
      parts[#parts + 1] = type(item) == "table" and (item.text or tostring(item)) or prelude.show(item)
    end
    return "{ " .. table.concat(parts, ", ") .. " }"
  end
  if math.type(value) == "integer" and (value > 255 or value < 0) then return string.format("%d (0x%x)", value, value) end
  return tostring(value)
end
local show = prelude.show

function expectation_methods:differs_from(other) check(self, self.value ~= other, "anything but " .. show(other)) end
function expectation_methods:is_nil() check(self, self.value == nil, "nil") end
function expectation_methods:is_true() check(self, self.value == true, "true") end
function expectation_methods:is_false() check(self, self.value == false, "false") end

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

function expectation_methods:is_empty() check(self, length_of(self, "is_empty") == 0, "nothing in it") end

function expectation_methods:has_length(expected)
  check(self, length_of(self, "has_length") == expected, "length " .. show(expected))
end

function expectation_methods:one_of(...)
  local holds, parts = false, {}
  for index = 1, select("#", ...) do
    local candidate = (select(index, ...))
    holds = holds or self.value == candidate
    parts[index] = show(candidate)
  end
  check(self, holds, "one of " .. table.concat(parts, ", "))
end

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
  expectation_methods[method] = function(self, bound, per)
    if math.type(bound) ~= "integer" then fail(method .. ": the bound must be a whole number, got " .. type(bound)) end
    if per ~= nil and not units[per] then fail(method .. ": '" .. tostring(per) .. "' is neither 'per boot' nor 'per site'") end
    check(self, compare((per and units[per] or amount)(self, method), bound), words .. bound .. (per and " " .. per or ""))
  end
end
bounded("at_most", function(value, bound) return value <= bound end, "at most ")
bounded("at_least", function(value, bound) return value >= bound end, "at least ")

function expectation_methods:contains(wanted)
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
end

function prelude.expectation_method(name)
  return expectation_methods[name] or fail("expect has no check '" .. tostring(name) .. "'" .. suggest(tostring(name), expectation_methods))
end

-- What a script says of itself: return { about = "…", requires = "sgxbench 1", images = { app = { sha256 = "…" } } }.

local declared_fields = { about = true, requires = true, images = true }
image_pins = {}
images_opened = {}      -- by scripts that ask before they return

function prelude.declared(value, owner)
  fields(owner, value, declared_fields)
  if value.about ~= nil then need("string", value.about, owner, "field 'about'") end
  if value.requires ~= nil and value.requires ~= "sgxbench 1" then
    fail(owner .. ": field 'requires' is \"sgxbench 1\", the version of the words that this bench has, got " .. tostring(value.requires))
  end
  if value.images == nil then return end
  need("table", value.images, owner, "field 'images'")
  for name, pinned in rawnext, value.images do
    need("string", name, owner, "a name in 'images'")
    fields(owner .. ": image '" .. name .. "'", pinned, { sha256 = true })
    image_pins[name] = need("string", pinned.sha256, owner .. ": image '" .. name .. "'", "field 'sha256'")
    local opened = images_opened[name]
    if opened and opened.sha256 ~= pinned.sha256 then
      fail(owner .. ": image '" .. name .. "' has the SHA-256 " .. opened.sha256 .. ", and " .. pinned.sha256 .. " is wanted")
    end
  end
end

-- Records an error that stopped a test.
function prelude.report(problem, trace, place)
  if type(problem) == "table" then
    local code, message = rawget(problem, "code"), rawget(problem, "message")
    problem = message ~= nil and tostring(message) or code ~= nil and tostring(code) or "an error object that is a table without 'message'"
  end
  host.script_error(tostring(problem), trace or "", place or "")
end
