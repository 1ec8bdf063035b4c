-- Two threads on one enclave: one ioctl at a time, and the second is refused, never made to wait.
local sgx = require "sgx"

local function loader()
  local machine = sgx.machine { epc = "256 KiB" }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  local source = process:map { pages = 2, fill = 0x90 }
  local function add(to, offset)
    return to:add_pages { source = source, offset = offset, pages = 2, secinfo = { permissions = "rx" } }
  end
  return machine, process, enclave, add
end

describe("two callers of ADD_PAGES", function()
  -- covers: D1
  it("cannot both be inside: the second gets EBUSY and changes nothing", function()
    local machine, _, enclave, add = loader()
    local first = machine:task(function() return add(enclave, 0) end)
    local second = machine:task(function() return add(enclave, 0x2000) end)
    machine:run { schedule = { 1, 2 } }
    expect(first.result.errno):is_nil()
    expect(second.result.errno):equals("EBUSY")
    expect(second.result.count):is_nil()
    expect(enclave.pages):equals(2)
  end)

  it("both succeed where the second asks again until the first is done", function()
    local machine, _, enclave, add = loader()
    local first = machine:task(function() return add(enclave, 0) end)
    local second = machine:task(function()
      local result
      repeat result = add(enclave, 0x2000) until result.errno ~= "EBUSY"
      return result
    end)
    machine:run { schedule = { 1, 2, 2, 2 } }
    expect(first.result.errno):is_nil()
    expect(second.result.errno):is_nil()
    expect(enclave.pages):equals(4)
  end)

  it("do not meet on enclaves of their own", function()
    local machine, process, enclave, add = loader()
    local other = process:open()
    ensure(other:create { size = 0x8000 }.errno):is_nil()
    local first = machine:task(function() return add(enclave, 0) end)
    local second = machine:task(function() return add(other, 0) end)
    machine:run { schedule = { 1, 2, 1, 2, 1, 2 } }
    expect(first.result.errno):is_nil()
    expect(second.result.errno):is_nil()
    expect(enclave.measurement):equals(other.measurement)
  end)

  it("are one enclave through a duplicated descriptor", function()
    local machine, _, enclave, add = loader()
    local again = enclave:dup()
    local first = machine:task(function() return add(enclave, 0) end)
    local second = machine:task(function() return add(again, 0x2000) end)
    machine:run { schedule = { 2, 1 } }
    expect(second.result.errno):is_nil()
    expect(first.result.errno):equals("EBUSY")
  end)

  -- covers: D1
  it("meet even where the second asks for an ioctl that does not exist", function()
    local machine, _, enclave, add = loader()
    local first = machine:task(function() return add(enclave, 0) end)
    local second = machine:task(function() return enclave:ioctl(0x1234) end)
    machine:run { schedule = { 1, 2 } }
    expect(first.result.errno):is_nil()
    expect(second.result.errno):equals("EBUSY")
  end)
end)

describe("a source that another thread writes to", function()
  local function load(write)
    local machine, process, enclave = loader()
    local source = process:map { pages = 2, fill = 0x90, prot = "rw" }
    local first = machine:task(function()
      return enclave:add_pages { source = source, offset = 0, pages = 2, secinfo = { permissions = "rx" } }
    end)
    machine:task(function()
      enclave:ioctl(0x1234)             -- EBUSY: a step to wait for
      if write then process:write(source + write, "changed") end
    end)
    machine:run { schedule = { 1, 1, 1, 1, 1, 1, 2 } }
    expect(first.result.errno):is_nil()
    return enclave.measurement
  end

  -- covers: A23
  it("gives a page the bytes that EADD read, whatever comes later", function()
    expect(load(0)):equals(load(nil))             -- the first page was read already
    expect(load(sgx.PAGE_SIZE)):differs_from(load(nil))
  end)
end)

describe("a close while the other thread is inside", function()
  it("lets the call end, and the EPC comes back behind it", function()
    local machine, _, enclave, add = loader()
    local load = machine:task(function() return add(enclave, 0) end)
    local close = machine:task(function() return enclave:close() end)
    machine:run { schedule = { 1, 1, 1, 2 } }
    expect(load.result.errno):is_nil()
    expect(close.result.errno):is_nil()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.log.warnings):is_empty()
  end)
end)
