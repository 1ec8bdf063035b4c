-- What a prompt needs beyond prelude.lua: values as text, and names that may follow what was typed. Read behind prelude.lua and ahead
-- of the module "sgx", and only where there is a prompt.

local show_scalar, attempt = session.show, session.attempt
local WIDTH, ELEMENTS_MAX, DEPTH_MAX, TEXT_MAX = 100, 64, 4, 200

-- What a table holds; that of a read-only view is behind it.
local function contents(value)
  local meta = rawgetmetatable(value)
  local behind = type(meta) == "table" and rawget(meta, "__index")
  if rawnext(value) == nil and type(behind) == "table" then return behind end
  return value
end

-- The keys behind the sequence, in the order of pairs, and how many have no order.
local function other_keys(value, count)
  local numbers, strings, others = {}, {}, 0
  for key in rawnext, value do
    if type(key) == "string" then
      strings[#strings + 1] = key
    elseif type(key) ~= "number" then
      others = others + 1
    elseif math.type(key) ~= "integer" or key < 1 or key > count then
      numbers[#numbers + 1] = key
    end
  end
  table.sort(numbers)
  table.sort(strings)
  table.move(strings, 1, #strings, #numbers + 1, numbers)
  return numbers, others
end

local show

local function show_table(value, depth)
  local meta = rawgetmetatable(value)
  if meta and rawget(meta, "__tostring") then return tostring(value) end
  if depth > DEPTH_MAX then return tostring(value) end
  value = contents(value)
  local parts, count = {}, rawlen(value)
  for index = 1, math.min(count, ELEMENTS_MAX) do parts[index] = show(rawget(value, index), depth + 1) end
  local keys, hidden = other_keys(value, count)
  for _, key in ipairs(keys) do
    if #parts >= ELEMENTS_MAX then break end
    local name = type(key) == "string" and string.find(key, "^[%a_][%w_]*$") and key or "[" .. show_scalar(key) .. "]"
    parts[#parts + 1] = name .. " = " .. show(rawget(value, key), depth + 1)
  end
  hidden = hidden + count + #keys - #parts
  if hidden > 0 then parts[#parts + 1] = "... (" .. hidden .. " more)" end
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + 2 * depth <= WIDTH and not string.find(line, "\n", 1, true) then return line end
  local indent = "\n" .. string.rep("  ", depth + 1)
  return "{" .. indent .. table.concat(parts, "," .. indent) .. "\n" .. string.rep("  ", depth) .. "}"
end

function show(value, depth)
  if type(value) == "table" then return show_table(value, depth) end
  if type(value) == "string" and #value > TEXT_MAX then
    return show_scalar(string.sub(value, 1, TEXT_MAX)) .. "... (" .. #value .. " bytes)"
  end
  return show_scalar(value)
end

-- Runs a compiled input. Returns its values as text, or nothing; what goes wrong is recorded as in a test. The values of an expression
-- come behind a nil.
function exports.run_input(chunk, is_expression)
  local text
  attempt(function()
    local values = table.pack(chunk())
    local first = is_expression and 2 or 1
    if values.n < first then return end
    local parts, size = {}, 0
    for index = first, values.n do
      local part = show(values[index], 0)
      parts[#parts + 1] = part
      size = size + #part + (string.find(part, "\n", 1, true) and WIDTH or 4)
    end
    text = table.concat(parts, size > WIDTH and "\n" or "\t")
  end)
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

-- Getters of handles, by the name of their type: kept as sgx.lua defines them.
local getters, define = {}, properties
function properties(name, functions)
  getters[name] = functions
  return define(name, functions)
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

-- Functions that look at their option table before they do anything, so that they can be asked for its fields.
local option_takers = {
  ["sgx.machine"] = true, ["sgx.tcs"] = true, ["sgx.sigstruct"] = true, ["machine:inject"] = true, ["machine:process"] = true,
  ["machine:run"] = true, ["machine:reclaim"] = true, ["machine:ksgxd"] = true, ["process:map"] = true, ["process:mmap"] = true,
  ["process:sigaction"] = true, ["process:mprotect"] = true, ["process:munmap"] = true, ["enclave:create"] = true, ["enclave:add_pages"] = true,
  ["enclave:sign"] = true, ["enclave:init"] = true, ["enclave:provision"] = true,
}

-- The value that a path such as `machine.epc` names, without calling anything of a script.
local function find(path)
  local value
  for name in string.gmatch(path, "[^.:]+") do
    if value == nil then
      value = rawget(globals._G, name)
      if value == nil then value = rawget(globals, name) end
    elseif type(value) == "table" then
      value = rawget(contents(value), name)
    elseif type(value) == "userdata" then
      local kind = rawgetmetatable(value).__name
      local getter = getters[kind] and rawget(getters[kind], name)
      if getter then value = getter(value) else value = rawget(types[kind] or {}, name) end
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

local function option_fields(path)
  local owner, name = string.match(path, "^(.*)[.:]([^.:]+)$")
  local self = owner and find(owner)
  local kind = type(self) == "userdata" and rawgetmetatable(self).__name .. ":" or owner and owner .. "."
  local taker = find(path)
  if not kind or not option_takers[kind .. name] or type(taker) ~= "function" then return {} end
  local check, allowed = fields, nil
  fields = function(_, _, known)
    allowed = known
    error("enough")
  end
  if type(self) == "userdata" then try(taker, self, {}) else try(taker, {}) end
  fields = check
  local names = {}
  add_names(names, allowed)
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
    elseif type(value) == "userdata" then
      local kind = rawgetmetatable(value).__name
      add_names(names, separator == ":" and types[kind] or getters[kind])
    elseif type(value) == "string" and separator == ":" then
      add_names(names, contents(globals.string), "function")
    end
  end
  return table.concat(names, "\n")
end
