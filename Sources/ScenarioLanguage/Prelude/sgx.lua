-- The module "sgx" and what lives on machines. What its functions are called, what they take and what comes back stand in API/, in Swift,
-- which makes each when a script first names it; here is only what stays in Lua. It is read together with later.lua and tasks.lua, in this
-- order, as one chunk: what is local here is known there.

words()   -- what reads option tables

local sgx = members("sgx")
rawset(sgx, "PAGE_SIZE", 4096)
rawset(sgx, "SGX_PAGE_MEASURE", 1)

-- Values of the script's own options; known once it has returned its table.
rawset(sgx, "options", rawsetmetatable({}, {
  __index = function(_, name)
    if not option_values then fail("sgx.options: values are known inside tests, once the script has returned its table") end
    if option_values[name] == nil then fail("sgx.options: no option '" .. tostring(name) .. "'" .. suggest(tostring(name), option_values)) end
    return option_values[name]
  end,
  __newindex = function() fail('sgx.options: values come from behind "--" on the command line, not from the script') end,
  __metatable = false,
}))

read_options = members("")   -- of functions that are said in Lua, as their rows have them

local function whole(owner, name, value, default)
  if value == nil then
    if default == nil then fail(owner .. ": field '" .. name .. "' is missing") end
    return default
  end
  return host.whole_number(owner .. ": field '" .. name .. "'", value)
end

local function text(owner, name, value)
  if value ~= nil and type(value) ~= "string" then
    fail(owner .. ": field '" .. name .. "' must be a string, got " .. type(value))
  end
  return value
end

local function flag(owner, name, value, default)
  if value == nil then return default end
  if type(value) ~= "boolean" then fail(owner .. ": field '" .. name .. "' must be true or false, got " .. type(value)) end
  return value
end

local machine, process = types.machine, types.process
