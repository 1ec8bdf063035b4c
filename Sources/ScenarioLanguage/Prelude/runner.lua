-- What the runner calls, and what a script says of itself. Read together with prelude.lua as one chunk: what is local there is known here.

-- What a script says of itself: return { about = "…", requires = "sgxbench 1", images = { app = { sha256 = "…" } }, tags = { "…" },
-- options = { pages = { default = 8, help = "…" } } }.

local declared_fields = { about = true, requires = true, images = true, tags = true, options = true }
local about, script_tags = nil, {}
image_pins = {}
images_opened = {}      -- by scripts that ask before they return

-- Options of the script, in the order of their names; `sgx.options` reads the values.
local options = {}
option_values = nil

local function declare_options(declared, owner)
  if declared == nil then return end
  need("table", declared, owner, "field 'options'")
  for name, option in rawnext, declared do
    if type(name) ~= "string" or not host.is_tag(name) then
      fail(owner .. ": an option's name is made of a to z, 0 to 9, '_' and '-', got " .. tostring(name))
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
  table.sort(options, function(a, b) return a.name < b.name end)
end

local function declared(value, owner)
  fields(owner, value, declared_fields)
  if value.about ~= nil then about = need("string", value.about, owner, "field 'about'") end
  script_tags = tag_names(owner, value.tags)
  declare_options(value.options, owner)
  if value.requires ~= nil and value.requires ~= "sgxbench 1" then
    fail(owner .. ": field 'requires' is \"sgxbench 1\", the version of the words that this bench has, got " .. tostring(value.requires))
  end
  if value.images == nil then return end
  need("table", value.images, owner, "field 'images'")
  for name, pinned in rawnext, value.images do
    need("string", name, owner, "a name in 'images'")
    fields(owner .. ": image '" .. name .. "'", pinned, { sha256 = true })
    image_pins[name] = need("string", pinned.sha256, owner .. ": image '" .. name .. "'", "field 'sha256'")
    host.from_hex(owner .. ": image '" .. name .. "': field 'sha256'", pinned.sha256, 32)
    local opened = images_opened[name]
    if opened and opened.sha256 ~= pinned.sha256 then
      fail(owner .. ": image '" .. name .. "' has the SHA-256 " .. opened.sha256 .. ", and " .. pinned.sha256 .. " is wanted")
    end
  end
end

function exports.test_count()
  option_values = {}
  if type(script_result) == "table" then declared(script_result, "the returned table") end
  return #tests
end

function exports.test_info(index)
  local test = tests[index]
  local tags = table.concat(test.options.tags, " ") .. " " .. table.concat(script_tags, " ")
  return table.concat(test.path, "\0"), test.pending, test.file or "", test.line or 0, tags
end

function exports.about() return about end

function exports.pins()
  local names = {}
  for name in rawnext, image_pins do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, "\0")
end

function exports.option_info(index)
  local option = options[index]
  if option then return option.name, option.kind, tostring(option.default), option.help end
end

-- Gives an option another value than its default; the text is of its kind.
function exports.set_option(index, value) option_values[options[index].name] = value end

-- A string or a number as text; nothing else is asked for its text, which would run the script's own code.
local function plain_text(value)
  return (type(value) == "string" or type(value) == "number") and tostring(value) or nil
end

-- True where the body came to its end. What stopped it is recorded: by `ensure`, or here.
local function attempt(body)
  local ok, problem, trace, place = try(body)
  if ok then return true end
  if problem == STOP then return false end
  if type(problem) == "table" then
    local code, message = plain_text(rawget(problem, "code")), plain_text(rawget(problem, "message"))
    problem = code and message and code .. ": " .. message or code or message or "error object is a table without 'message'"
  elseif problem == nil then
    problem = "error object is nil"
  elseif type(problem) ~= "string" and type(problem) ~= "number" then
    problem = "error object is a " .. type(problem) .. " value"
  end
  host.script_error(tostring(problem), trace or "", place or "")
  return false
end

local function run_hooks(suite, kind)
  if suite.outer and kind == "before" and not run_hooks(suite.outer, kind) then return false end
  for _, hook in ipairs(suite[kind]) do
    if not attempt(hook) then return false end
  end
  if suite.outer and kind == "after" then return run_hooks(suite.outer, kind) end
  return true
end

function exports.run_test(index)
  local test = tests[index]
  for _, name in ipairs(test.options.findings) do host.expect_finding(name) end
  for _, range in ipairs(test.options.fails_on) do host.fails_on(range[1], range[2], range[3]) end
  for _, range in ipairs(test.options.only_on) do host.only_on(range[1], range[2], range[3]) end
  if host.is_other_driver() then return end
  running = true
  if run_hooks(test.suite, "before") then attempt(test.body) end
  run_hooks(test.suite, "after")
  running = false
end

-- Read by exports.run_test's caller when a limit cut the test short.
function exports.abandon_test() running = false end

-- For interactive.lua, where there is a prompt.
session = { show = show, attempt = attempt, begin = function() running = true end }
