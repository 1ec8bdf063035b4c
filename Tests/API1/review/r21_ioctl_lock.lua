-- R21: the lock that keeps ioctls apart is a bit, not a mutex, because an ioctl may have to evict pages of its own enclave.
local sgx = require "sgx"

local no_reclaim = { "v39", reason = "13/24 alone evicts nothing: a full EPC is ENOMEM" }

describe("ADD_PAGES", function()
  -- covers: R21, A24
  it("evicts pages of its own enclave when the EPC is full, and ends", { fails_on = no_reclaim }, function()
    local machine = sgx.machine { epc = 24 * sgx.PAGE_SIZE, ksgxd = "manual" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x40000 }.errno):is_nil()
    local result = enclave:add_pages {
      source = process:map { pages = 32, fill = 0x90 }, offset = 0, pages = 32, secinfo = { permissions = "rx" },
    }
    expect(result.errno):is_nil()
    expect(result.count):equals(32 * sgx.PAGE_SIZE)
    expect(enclave.evicted):at_least(10)
    expect(machine.log.warnings):is_empty()
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  -- covers: R21, D1
  it("refuses a second ioctl at once, whichever it is, and nobody waits", function()
    local machine = sgx.machine { epc = "256 KiB" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    local source = process:map { pages = 2 }
    local first = machine:task(function()
      return enclave:add_pages { source = source, offset = 0, pages = 2, secinfo = { permissions = "r" } }
    end)
    local others = {
      function() return enclave:create { size = 0x8000 } end,
      function() return enclave:init { sigstruct = sgx.sigstruct { enclave_hash = string.rep("\0", 32) } } end,
      function() return enclave:provision { descriptor = 99 } end,
      function() return enclave:ioctl(0x1234) end,
    }
    local tasks = {}
    for index, call in ipairs(others) do tasks[index] = machine:task(call) end
    machine:run { schedule = { 1, 2, 3, 4, 5 } }
    expect(first.result.errno):is_nil()
    for _, task in ipairs(tasks) do expect(task.result.errno):equals("EBUSY") end
  end)
end)
