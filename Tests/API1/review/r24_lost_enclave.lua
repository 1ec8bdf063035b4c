-- R24: an enclave whose EPC is gone says so clearly, call by call, and the machine goes on: other enclaves load, and all of the EPC
-- comes back when the lost one is closed.
local sgx = require "sgx"

local machine, process, enclave, source

before_each(function()
  machine = sgx.machine { epc = "256 KiB", ksgxd = "manual" }
  process = machine:process()
  enclave = process:open()
  source = process:map { pages = 2, fill = 0x90 }
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
end)

local function add(to, offset)
  return to:add_pages { source = source, offset = offset, pages = 2, secinfo = { permissions = "rx" } }
end

describe("a lost enclave", function()
  -- covers: R24
  it("answers ADD_PAGES and INIT with EIO, each time", {
    fails_on = { "v39", reason = "the first EIO destroys the enclave: every later ioctl is EFAULT" },
  }, function()
    ensure(add(enclave, 0).errno):is_nil()
    local sigstruct = enclave:sign {}
    machine:power_cycle()
    for _ = 1, 2 do
      expect(add(enclave, 0x2000).errno):equals("EIO")
      expect(enclave:init { sigstruct = sigstruct }.errno):equals("EIO")
    end
  end)

  -- covers: R24
  it("says EIO for every later call once its loss is known", {
    fails_on = { from = "v39", to = "7.2.13", reason = "no Linux remembers that an enclave is lost: each call finds out alone, or not" },
  }, function()
    ensure(add(enclave, 0).errno):is_nil()
    machine:power_cycle()
    expect(add(enclave, 0x2000).errno):equals("EIO")
    expect(add(enclave, 0).errno):equals("EIO")                                   -- Linux: EBUSY, the page is on its books
    expect(enclave:create { size = 0x8000 }.errno):equals("EIO")                  -- Linux: EINVAL
    expect(enclave:init { sigstruct = sgx.sigstruct { enclave_hash = string.rep("\0", 32) } }.errno):equals("EIO")
    expect(enclave:provision { descriptor = 99 }.errno):equals("EIO")
  end)

  -- covers: R24
  it("keeps no other enclave from loading, and gives all of its EPC back", function()
    ensure(add(enclave, 0).errno):is_nil()
    machine:power_cycle()
    add(enclave, 0x2000)
    local other = process:open()
    expect(other:create { size = 0x8000, base = 0x20000000 }.errno):is_nil()
    expect(add(other, 0).errno):is_nil()
    expect(other:init { sigstruct = other:sign {} }.errno):is_nil()
    expect(enclave:close().errno):is_nil()
    expect(other:close().errno):is_nil()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.log.warnings):is_empty()
  end)

  -- covers: R24
  it("does not take the kernel down where its pages are evicted and then touched", {
    fails_on = {
      { "v39", reason = "13/24 alone evicts nothing" },
      { from = "5.11", to = "7.2.13", reason = "the page has no version slot: the kernel reads through a null pointer (F4)" },
    },
  }, function()
    ensure(add(enclave, 0).errno):is_nil()
    ensure(process:mmap { enclave = enclave, prot = "r" }.errno):is_nil()
    machine:power_cycle()
    machine:reclaim { batches = 2 }
    ensure(enclave.resident):equals(0)
    expect(process:read(enclave.base).outcome):equals("SIGBUS")
    expect(machine.findings):is_empty()
  end)
end)
