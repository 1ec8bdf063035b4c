-- The words that not every script uses, what a script says of itself, and what happens where something is wrong: see `words` in prelude.lua.

local need, check, outside_test, add_test, define = prelude.need, prelude.check, prelude.outside_test, prelude.add_test, prelude.define
local expectation_methods = prelude.expectation_methods

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

-- What a script says of itself: return { about = "…", requires = "sgxbench 2", images = { app = { sha256 = "…" } }, tags = { "…" },
-- options = { pages = { default = 8, help = "…" } } }.

local declared_fields = { about = true, requires = true, images = true, tags = true, options = true }
local about, script_tags = nil, {}
image_pins = {}
images_opened = {}      -- by scripts that ask before they return

-- The keys of a table as text, in the order of the alphabet: their order in memory is another in every run.
local function sorted_names(list)
  local names = {}
  for name in rawnext, list do names[#names + 1] = tostring(name) end
  table.sort(names)
  return names
end

-- Options of the script, in the order of their names; `sgx.options` reads the values.
local options = {}

local function declare_options(declared, owner)
  if declared == nil then return end
  need("table", declared, owner, "field 'options'")
  for _, name in ipairs(sorted_names(declared)) do
    local option = declared[name]
    if option == nil or not host.is_tag(name) then
      fail(owner .. ": an option's name is made of a to z, 0 to 9, '_' and '-', got " .. name)
    end
    local place = owner .. ": option '" .. name .. "'"
    fields(place, option, { default = true, help = true })
    local kind = math.type(option.default) or type(option.default)
    if kind ~= "integer" and kind ~= "string" and kind ~= "boolean" then
      fail(place .. ": field 'default' is a whole number, a string, true or false, got " .. kind)
    end
    if option.help ~= nil then need("string", option.help, place, "field 'help'") end
    options[#options + 1] = { name = name, kind = kind, default = option.default, help = option.help or "" }
    option_values[name] = option.default
  end
end

-- The version of the words that the script wants. RequiredVersion.swift looks for it in the text of a script that fails ahead of this.
local function check_version(owner, wanted)
  if wanted == nil or wanted == "sgxbench 2" then return end
  if wanted == "sgxbench 1" then
    prelude.counts_old_steps = true
    return
  end
  need("string", wanted, owner, "field 'requires'")
  local number = string.match(wanted, "^sgxbench ([1-9]%d*)$")
  if number then fail(owner .. ": it requires sgxbench " .. number .. ", and this bench has the words of sgxbench 2") end
  fail(owner .. ": field 'requires' must be \"sgxbench 2\", or another number, got \"" .. wanted .. "\"")
end

function prelude.declared(value, owner)
  if type(value) == "table" then check_version(owner, rawget(value, "requires")) end
  fields(owner, value, declared_fields)
  if value.about ~= nil then about = need("string", value.about, owner, "field 'about'") end
  script_tags = tag_names(owner, value.tags)
  declare_options(value.options, owner)
  if value.images == nil then return end
  need("table", value.images, owner, "field 'images'")
  for _, name in ipairs(sorted_names(value.images)) do
    local pinned = value.images[name]
    if pinned == nil or #name > 100 or not string.find(name, "^[a-z0-9_][a-z0-9_.-]*$") then
      fail(owner .. ": the name of an image is made of a to z, 0 to 9, '_', '.' and '-', and does not begin with '.' or '-', got " .. name)
    end
    fields(owner .. ": image '" .. name .. "'", pinned, { sha256 = true })
    local digest = need("string", pinned.sha256, owner .. ": image '" .. name .. "'", "field 'sha256'")
    host.from_hex(owner .. ": image '" .. name .. "': field 'sha256'", digest, 32)
    digest = string.lower(digest)
    image_pins[name] = digest
    local opened = images_opened[name]
    if opened and opened.sha256 ~= digest then
      fail(owner .. ": image '" .. name .. "' has the SHA-256 " .. opened.sha256 .. ", and " .. digest .. " is wanted")
    end
  end
end

-- Tags of a test with these options or none, and of its script.
function prelude.tags(options)
  return table.concat(options and options.tags or {}, " ") .. " " .. table.concat(script_tags, " ")
end

function prelude.about() return about end

function prelude.pins()
  local names = {}
  for name in rawnext, image_pins do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, "\0")
end

function prelude.option_info(index)
  local option = options[index]
  if option then return option.name, option.kind, tostring(option.default), option.help end
end

-- Gives an option another value than its default; the text is of its kind.
function prelude.set_option(index, value) option_values[options[index].name] = value end

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
