-- The module "sgx": machines and what lives on them. Option tables are taken apart here; Swift sees scalars only.
-- It is read together with launch.lua and tasks.lua, in this order, as one chunk: what is local here is known there.

words()   -- what reads option tables

local sgx = { PAGE_SIZE = 4096, SGX_PAGE_MEASURE = 1 }

function sgx.random(bound, ...)
  no_more("sgx.random", 1, ...)
  return host.random(bound)
end

-- Values of the script's own options; known once it has returned its table.
sgx.options = rawsetmetatable({}, {
  __index = function(_, name)
    if not option_values then fail("sgx.options: values are known inside tests, once the script has returned its table") end
    if option_values[name] == nil then fail("sgx.options: no option '" .. tostring(name) .. "'" .. suggest(tostring(name), option_values)) end
    return option_values[name]
  end,
  __newindex = function() fail('sgx.options: values come from behind "--" on the command line, not from the script') end,
  __metatable = false,
})

-- The names of all driver versions.
function sgx.drivers(...)
  no_more("sgx.drivers", 0, ...)
  local names = {}
  while host.driver_at(#names + 1) do names[#names + 1] = host.driver_at(#names + 1) end
  return table.unpack(names)
end

local function whole(owner, name, value, default)
  if value == nil then
    if default == nil then fail(owner .. ": field '" .. name .. "' is missing") end
    return default
  end
  return host.whole_number(owner .. ": field '" .. name .. "'", value)
end

local function unsigned(owner, name, value, default, bits)
  value = whole(owner, name, value, default)
  if bits < 64 and (value < 0 or value >> bits ~= 0) then fail(owner .. ": field '" .. name .. "' has " .. bits .. " bits, got " .. value) end
  return value
end

-- Bytes of a number of pages.
local function page_bytes(owner, value)
  local pages = whole(owner, "pages", value)
  if pages < 0 then fail(owner .. ": field 'pages' is negative, got " .. pages) end
  if pages >> 52 ~= 0 then fail(owner .. ": field 'pages' is too large: " .. pages .. " pages do not fit into 64 bits of bytes") end
  return pages * 4096
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

local machine_fields = {
  epc = true, numa = true, driver = true, behaviours = true, processor = true, ksgxd = true, check = true, seed = true,
  records = true,
}

-- The names of all behaviours of drivers, as keys.
local function behaviour_names()
  local names, index = {}, 1
  while host.behaviour_at(index) do
    names[host.behaviour_at(index)] = true
    index = index + 1
  end
  return names
end

-- "name=true,..." in the order of the alphabet, or nil.
local function switches(options)
  if options == nil then return nil end
  fields("sgx.machine: field 'behaviours'", options, behaviour_names())
  local names = {}
  for name in rawnext, options do names[#names + 1] = name end
  table.sort(names)
  for index, name in ipairs(names) do
    flag("sgx.machine: field 'behaviours'", name, options[name])
    names[index] = name .. "=" .. tostring(options[name])
  end
  return table.concat(names, ",")
end

-- The EPC of each node in bytes, "65536,0,...", or nil.
local function nodes(list)
  if list == nil then return nil end
  if type(list) ~= "table" then fail("sgx.machine: field 'numa' must be a list of sizes, got " .. type(list)) end
  check_list("sgx.machine: field 'numa'", list)
  local parts = {}
  for index, size in ipairs(list) do parts[index] = tostring(host.whole_number("sgx.machine: field 'numa'", size)) end
  return table.concat(parts, ",")
end

function sgx.machine(options, ...)
  options = fields("sgx.machine", options or {}, machine_fields)
  no_more("sgx.machine", 1, ...)
  if options.epc ~= nil and options.numa ~= nil then fail("sgx.machine: say either 'epc' or 'numa'") end
  return host.new_machine(
    options.epc ~= nil and host.whole_number("sgx.machine: field 'epc'", options.epc) or 16 * 1024 * 1024,
    text("sgx.machine", "driver", options.driver), text("sgx.machine", "processor", options.processor),
    text("sgx.machine", "ksgxd", options.ksgxd), text("sgx.machine", "check", options.check),
    options.seed ~= nil and whole("sgx.machine", "seed", options.seed) or nil, nodes(options.numa), switches(options.behaviours),
    flag("sgx.machine", "records", options.records))
end

local tcs_fields = { ossa = true, nssa = true, oentry = true, flags = true, fslimit = true, gslimit = true }

-- The bytes of a TCS page.
function sgx.tcs(options, ...)
  options = fields("sgx.tcs", options, tcs_fields)
  no_more("sgx.tcs", 1, ...)
  return host.tcs(
    whole("sgx.tcs", "ossa", options.ossa, 0), whole("sgx.tcs", "nssa", options.nssa, 1),
    whole("sgx.tcs", "oentry", options.oentry, 0), whole("sgx.tcs", "flags", options.flags, 0),
    whole("sgx.tcs", "fslimit", options.fslimit, 0xffffffff), whole("sgx.tcs", "gslimit", options.gslimit, 0xffffffff))
end

-- Machine

local machine = types.machine

local inject_fields = {
  at = true, signal = true, fault = true, kind = true, code = true, times = true, persistent = true, address = true, length = true,
}
local at_fields = { site = true, nth = true, every = true, visit = true }

function machine:inject(options, ...)
  expect_self(self, "machine", "inject", 1, ...)
  fields("machine:inject", options, inject_fields)
  local at = fields("machine:inject: field 'at'", options.at or {}, at_fields)
  local counted, n = "nth", 1
  for _, name in ipairs { "nth", "every", "visit" } do
    if at[name] ~= nil then counted, n = name, whole("machine:inject: field 'at'", name, at[name]) end
  end
  local fault = options.signal ~= nil and "signal" or options.fault
  if fault == nil then fail("machine:inject: field 'fault' is missing (or 'signal')") end
  local times = whole("machine:inject", "times", options.times, 1)
  if times < 1 then fail("machine:inject: field 'times' is at least 1, got " .. times) end
  if flag("machine:inject", "persistent", options.persistent, false) then times = 0 end
  return host.inject(
    self, fault, text("machine:inject", "signal", options.signal) or text("machine:inject", "kind", options.kind)
      or text("machine:inject", "code", options.code),
    text("machine:inject", "site", at.site), counted, n, times,
    whole("machine:inject", "address", options.address, 0), whole("machine:inject", "length", options.length, 0))
end

properties("machine", {
  epc = function(self)
    local total, free, leaked, reclaimable, valid = host.epc(self)
    local evicted, evictions = host.evicted_pages(self)
    return frozen({
      total = total, free = free, leaked = leaked, reclaimable = reclaimable, valid = valid, evicted = evicted, evictions = evictions,
    }, "machine.epc")
  end,
  log = function(self)
    local warnings = {}
    for index = 1, host.warning_count(self) do
      local site, message, value, tick = host.warning(self, index)
      warnings[index] = { site = site, text = message, value = value, tick = tick }
    end
    return frozen({ warnings = warnings }, "machine.log")
  end,
  clock = host.clock,
  driver = host.driver_name,
  behaviours = function(self)
    local values = {}
    for name in rawnext, behaviour_names() do values[name] = host.behaviour(self, name) end
    return frozen(values, "machine.behaviours")
  end,
  findings = function(self)
    local names = {}
    for index = 1, host.finding_count(self) do names[index] = host.finding(self, index) end
    return names
  end,
})

-- The last n events (all that are kept, without n), oldest first, as text.
function machine:trace(n, ...)
  expect_self(self, "machine", "trace", 1, ...)
  local lines = {}
  for index = 1, host.prepare_trace(self, n or 4096) do lines[index] = host.trace_line(self, index) end
  return lines
end

local process_fields = { node = true }

-- A new process; `node` is the NUMA node it runs on.
function machine:process(options, ...)
  expect_self(self, "machine", "process", 1, ...)
  options = fields("machine:process", options or {}, process_fields)
  return host.new_process(self, whole("machine:process", "node", options.node, 0))
end

-- Process

local process = types.process
local sigaction_fields = { handler = true, restart = true, ignore = true, default = true }

function process:sigaction(signal, options, ...)
  expect_self(self, "process", "sigaction", 2, ...)
  fields("process:sigaction", options, sigaction_fields)
  local ignore = flag("process:sigaction", "ignore", options.ignore, false)
  local handler = flag("process:sigaction", "handler", options.handler, false)
  local default = flag("process:sigaction", "default", options.default, false)
  if ignore and handler then fail("process:sigaction: a signal is ignored or handled, not both") end
  if default and (ignore or handler) then fail("process:sigaction: 'default' is neither ignored nor handled") end
  host.sigaction(self, signal, ignore and "ignore" or handler and "handler" or "default",
    flag("process:sigaction", "restart", options.restart, false))
end

properties("process", { alive = host.process_alive })

-- Results of calls: a misspelt field is an error, not nil.

local result_fields = {
  errno = true, count = true, restarts = true, steps = true, killed = true, outcome = true, sleeps = true,
  value = true, address = true, page_fault = true, batches = true, freed = true,
}
local result_meta = {
  __index = function(self, name)
    if (name == "errno" or name == "value") and rawget(self, "outcome") == "uninitialised" then return uninitialised() end
    if result_fields[name] then return nil end
    fail("a result has no field '" .. tostring(name) .. "'" .. suggest(tostring(name), result_fields))
  end,
}

local function result(outcome, errno, count, restarts, steps, killed, sleeps, value, address, page_fault, batches, freed)
  return rawsetmetatable({
    outcome = outcome, errno = errno, count = count, restarts = restarts, steps = steps, killed = killed, sleeps = sleeps,
    value = value, address = address, page_fault = page_fault, batches = batches, freed = freed,
  }, result_meta)
end

-- Enclave

local enclave = types.enclave
local create_fields = {
  size = true, base = true, ssa_frame_size = true, attributes = true, xfrm = true, miscselect = true, argument = true, secs = true,
  reserved_byte = true,
}
local readable = { readable = true, unreadable = true }
local accesses = { readable = true, unreadable = true, read_only = true }

local function access(owner, name, value, allowed)
  if value == nil then return "readable" end
  if not allowed[value] then fail(owner .. ": field '" .. name .. "' has no value '" .. tostring(value) .. "'" .. suggest(tostring(value), allowed)) end
  return value
end

function enclave:create(options, ...)
  expect_self(self, "enclave", "create", 1, ...)
  fields("enclave:create", options, create_fields)
  return result(host.create(
    self, whole("enclave:create", "size", options.size),
    options.base ~= nil and whole("enclave:create", "base", options.base) or nil,
    unsigned("enclave:create", "ssa_frame_size", options.ssa_frame_size, 1, 32),
    whole("enclave:create", "attributes", options.attributes, 4), whole("enclave:create", "xfrm", options.xfrm, 3),
    unsigned("enclave:create", "miscselect", options.miscselect, 0, 32),
    access("enclave:create", "argument", options.argument, readable), access("enclave:create", "secs", options.secs, readable),
    options.reserved_byte ~= nil and whole("enclave:create", "reserved_byte", options.reserved_byte) or nil))
end

local secinfo_fields = { type = true, permissions = true, flags = true, reserved_byte = true, access = true }
local add_fields = {
  source = true, offset = true, length = true, pages = true, secinfo = true, measure = true, flags = true, argument = true,
}

local function secinfo_flags(secinfo)
  if secinfo.flags ~= nil then return whole("secinfo", "flags", secinfo.flags) end
  return host.secinfo_flags(text("secinfo", "type", secinfo.type) or "REG", text("secinfo", "permissions", secinfo.permissions) or "")
end

function enclave:add_pages(options, ...)
  expect_self(self, "enclave", "add_pages", 1, ...)
  fields("enclave:add_pages", options, add_fields)
  local secinfo = fields("enclave:add_pages: field 'secinfo'", options.secinfo or {}, secinfo_fields)
  if (options.pages == nil) == (options.length == nil) then fail("enclave:add_pages: say either 'pages' or 'length'") end
  local length = options.pages ~= nil and page_bytes("enclave:add_pages", options.pages)
    or whole("enclave:add_pages", "length", options.length)
  local flags = options.flags ~= nil and whole("enclave:add_pages", "flags", options.flags)
    or flag("enclave:add_pages", "measure", options.measure, true) and 1 or 0
  return result(host.add_pages(
    self, whole("enclave:add_pages", "source", options.source), whole("enclave:add_pages", "offset", options.offset),
    length, secinfo_flags(secinfo), flags, access("enclave:add_pages", "argument", options.argument, accesses),
    access("enclave:add_pages: field 'secinfo'", "access", secinfo.access, readable),
    secinfo.reserved_byte ~= nil and whole("secinfo", "reserved_byte", secinfo.reserved_byte) or nil))
end

-- An ioctl by number, without an argument.
function enclave:ioctl(command, ...)
  expect_self(self, "enclave", "ioctl", 1, ...)
  return result(host.ioctl(self, whole("enclave:ioctl", "command", command)))
end

function enclave:close(...)
  expect_self(self, "enclave", "close", 0, ...)
  return result(host.close(self, where(1)))
end

enclave.SGX_IOC_ENCLAVE_CREATE = enclave.create
enclave.SGX_IOC_ENCLAVE_ADD_PAGES = enclave.add_pages

-- Devices and what opens them; a failure is nil and the result.
local devices = {
  ["/dev/sgx_enclave"] = { host.open, "flat" }, ["/dev/sgx_provision"] = { host.open_provision, "flat" },
  ["/dev/sgx/enclave"] = { host.open, "directory" }, ["/dev/sgx/provision"] = { host.open_provision, "directory" },
}

-- Without a path: the enclave device, wherever the driver version has it.
function process:open(path, ...)
  expect_self(self, "process", "open", 1, ...)
  local device = path == nil and { host.open } or devices[path]
  if not device then
    fail("process:open: there is no '" .. tostring(path) .. "'" .. (type(path) == "string" and suggest(path, devices) or "")
      .. "; the devices are /dev/sgx_enclave and /dev/sgx_provision, in v39 /dev/sgx/enclave and /dev/sgx/provision")
  end
  local handle, outcome, errno, count, restarts, steps, killed = device[1](self, device[2])
  if handle then return handle end
  return nil, result(outcome, errno, count, restarts, steps, killed)
end

properties("enclave", {
  resident = host.enclave_resident, evicted = host.enclave_evicted, secs_resident = host.enclave_secs_resident,
  state = host.enclave_state, page_count = host.enclave_page_count, pages = host.enclave_pages,
  child_count = host.enclave_child_count, version_arrays = host.enclave_version_arrays, measurement = host.enclave_measurement,
  measured_blocks = host.enclave_blocks, base = host.enclave_base, size = host.enclave_size, descriptor = host.enclave_descriptor,
  attributes_mask = host.enclave_attributes_mask, mrenclave = host.enclave_mrenclave, mrsigner = host.enclave_mrsigner,
})
