-- What values look like in messages, and the checks that not every script uses; behind words.lua, in one chunk with it.

local expectation_methods = prelude.expectation_methods

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

-- What messages call a table of the bench's own, one that comes back from a call; nil for other values.
local function record_title(value)
  local meta = type(value) == "table" and rawgetmetatable(value)
  return type(meta) == "table" and rawget(meta, "__record") or nil
end

local function read_show()
  if not prelude.show_line then host.read_show() end
end

-- The text of a table of the bench's own.
function fields_text(value)
  read_show()
  return prelude.show_line(value)
end

-- For the prompt: on as many lines as it needs; what a table holds, or the one behind a view.
function prelude.lines_of(value)
  read_show()
  return prelude.show_lines(value)
end

function prelude.contents_of(value)
  read_show()
  return prelude.contents(value)
end

-- What a check of such a table most often wanted.
local wanted_fields = {
  ["a result"] = ".errno", ["a load's result"] = ".errno", ["machine.epc"] = ".free", ["a difference"] = ".text", ["a task"] = ".result",
  ["machine.log"] = ".warnings", ["a range"] = ".pages", ["a warning"] = ".site", ["machine.behaviours"] = ".NAME",
}

-- Any value as a reader wants it.
function prelude.show(value)
  if is_uninitialised(value) then return tostring(value) end
  if type(value) == "string" then return '"' .. value .. '"' end
  local title = record_title(value)
  if title then
    return title .. " " .. fields_text(value) .. " (a check is about a field of it, such as " .. (wanted_fields[title] or "one of these") .. ")"
  end
  if type(value) == "table" then
    local parts = {}
    for index, item in ipairs(value) do
      if index > 8 then parts[#parts + 1] = "..." break end
      parts[#parts + 1] = type(item) == "table" and (rawget(item, "text") or tostring(item)) or prelude.show(item)
    end
    return "{ " .. table.concat(parts, ", ") .. " }"
  end
  if math.type(value) == "integer" and (value > 255 or value < 0) then return string.format("%d (0x%x)", value, value) end
  return tostring(value)
end
local show = prelude.show

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
  if record_title(self.value) then fail(method .. ": expected a whole number or a list, got " .. show(self.value)) end
  if type(self.value) == "table" then return #self.value end
  fail(method .. ": expected a whole number or a list, got " .. type(self.value))
end

-- A second value that a call returned beside the first: an open or a load that failed says why there.
function prelude.beside(word, ...)
  local count = select("#", ...)
  if count == 2 and record_title((select(2, ...))) then return (select(2, ...)) end
  fail(word .. ": expected 1 argument, got " .. count)
end

-- An expectation without a check says nothing. The first one of the test is told.
function prelude.tell_unchecked(unchecked)
  local first
  for self, number in rawnext, unchecked do
    if not first or number < unchecked[first] then first = self end
  end
  local word = first.stops and "ensure" or "expect"
  host.script_error(
    word .. "(" .. show(first.value) .. ") has no check: say what it has to be, as " .. word .. "(value):equals(other)", "",
    (first.file or "") .. ":" .. (first.line or 0))
end

-- A check that was called in the wrong way.
function prelude.misuse(name, least, most, has_self, count)
  if not has_self then fail(name .. ": call it with a colon, as expect(value):" .. name .. "(...)") end
  fail(name .. ": expected " .. (least == most and least or least .. " to " .. most)
    .. (most == 1 and " argument, got " or " arguments, got ") .. count)
end

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

-- A warning's site; nil of anything else.
local function site_of(item) return type(item) == "table" and rawget(item, "site") or nil end

-- How many elements the site has that has most.
local function most_of_a_site(self, method)
  local counts, most = {}, 0
  for _, item in ipairs(type(self.value) == "table" and self.value or {}) do
    local site = site_of(item)
    if site == nil then fail(method .. ": only warnings have a site") end
    counts[site] = (counts[site] or 0) + 1
    most = math.max(most, counts[site])
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
  elseif record_title(self.value) then
    holds = false
  elseif type(self.value) == "table" then
    for _, item in ipairs(self.value) do
      holds = holds or item == wanted or (wanted ~= nil and site_of(item) == wanted)
    end
  else
    need("string", self.value, "contains", "the value")
    holds = host.contains(self.value, need("string", wanted, "contains", "what is looked for"))
  end
  check(self, holds, "something with " .. show(wanted))
end)

-- Of images and enclaves: their records are those of an image.
define("measures_as", 1, 1, function(self, image)
  if type(image) ~= "userdata" or rawgetmetatable(image).__name ~= "image" then
    fail("measures_as: expected an image, got " .. type(image))
  end
  local difference = image:difference(self.value)
  check(difference and { value = difference.text, stops = self.stops } or self, difference == nil, "the records of " .. image.name)
end)

function prelude.expectation_method(name)
  if expectation_methods[name] then return expectation_methods[name] end
  local known = {}
  for check_name in rawnext, expectation_methods do known[#known + 1] = check_name end
  table.sort(known)
  fail("expect has no check '" .. tostring(name) .. "'" .. suggest(tostring(name), expectation_methods) .. " (checks: "
    .. table.concat(known, ", ") .. ")")
end
