-- What a prompt needs beyond prelude.lua: values as text, and names that may follow what was typed. Read behind prelude.lua and ahead
-- of the module "sgx", and only where there is a prompt.

local attempt = session.attempt
local WIDTH = 100
local show, contents = words().lines_of, words().contents_of

-- Runs a compiled input. Returns its values as text, or nothing; what goes wrong is recorded as in a test. The values of an expression
-- come behind a nil.
function exports.run_input(chunk, is_expression)
  local text
  unchecked = {}
  local ended = attempt(function()
    local values = table.pack(chunk())
    local first = is_expression and 2 or 1
    if values.n < first then return end
    local parts, size = {}, 0
    for index = first, values.n do
      local part = show(values[index])
      parts[#parts + 1] = part
      size = size + #part + (string.find(part, "\n", 1, true) and WIDTH or 4)
    end
    text = table.concat(parts, size > WIDTH and "\n" or "\t")
  end)
  if ended and rawnext(unchecked) then words().tell_unchecked(unchecked) end
  return text
end

-- Tests that are written at the prompt, or stand in the file it began with, are not run: there is one machine here, and they want theirs.
local declared = 0
function globals.describe(_, body) body() end
function globals.before_each() end
function globals.after_each() end
function globals.it() declared = declared + 1 end
globals.pending = globals.it

function exports.take_declared()
  local count = declared
  declared = 0
  return count
end

-- What is there from the beginning; a script's globals, which may be given other values.
function exports.begin_session()
  session.begin()
  local scripts = globals._G
  scripts.sgx = globals.require "sgx"
  scripts.machine = scripts.sgx.machine()
  scripts.process = scripts.machine:process()
  scripts.enclave = scripts.process:open()
end

-- Completion

local function has_member(value, name)
  local kind = rawgetmetatable(value).__name
  for _, functions in ipairs { true, false } do
    for known in string.gmatch(host.member_names(kind, functions), "[^\n]+") do
      if known == name then return true end
    end
  end
  return false
end

-- The value that a path such as `machine.epc` names, without calling anything of a script.
local function find(path)
  local value
  for name in string.gmatch(path, "[^.:]+") do
    if value == nil then
      value = rawget(globals._G, name)
      if value == nil then value = rawget(globals, name) end
    elseif type(value) == "table" then
      value = value == sgx_module and string.find(host.member_names("sgx", true), name .. "\n", 1, true) and value[name] or rawget(contents(value), name)
    elseif type(value) == "userdata" then
      if not has_member(value, name) then return nil end
      value = value[name]
    else
      return nil
    end
    if value == nil then return nil end
  end
  return value
end

local function add_names(list, from, wanted)
  for name, value in rawnext, from or {} do
    if type(name) == "string" and (not wanted or type(value) == wanted) then list[#list + 1] = name end
  end
end

-- The function's own row says what its option table has.
local function option_fields(path)
  local owner, name = string.match(path, "^(.*)[.:]([^.:]+)$")
  local self = owner and find(owner)
  local kind = type(self) == "userdata" and rawgetmetatable(self).__name or self ~= nil and self == sgx_module and "sgx"
  local names = {}
  if kind then
    for field in string.gmatch(host.option_names(kind, name), "[^\n]+") do names[#names + 1] = field end
  end
  return names
end

-- Names that may stand behind `path` and a separator: ".", ":", "{" for the fields of an option table, or "" for a name by itself.
-- One a line, in no order.
function exports.complete(path, separator)
  local names = {}
  if separator == "{" then
    names = option_fields(path)
  elseif separator == "" then
    add_names(names, globals)
    add_names(names, globals._G)
  else
    local value = find(path)
    if type(value) == "table" then
      add_names(names, contents(value), separator == ":" and "function" or nil)
      if value == sgx_module then
        for name in string.gmatch(host.member_names("sgx", true), "[^\n]+") do names[#names + 1] = name end
      end
    elseif type(value) == "userdata" then
      local kind = rawgetmetatable(value).__name
      for name in string.gmatch(host.member_names(kind, separator == ":"), "[^\n]+") do names[#names + 1] = name end
    elseif type(value) == "string" and separator == ":" then
      add_names(names, contents(globals.string), "function")
    end
  end
  return table.concat(names, "\n")
end
