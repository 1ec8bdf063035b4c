-- A third lesson: the machine sleeps, and what was in the EPC is gone. The driver is not told; its next leaf finds out.
local sgx = require "sgx"

describe("an enclave that slept through S3", function()
  it("is lost, but the machine is not", function()
    local machine = sgx.machine { epc = "256 KiB" }
    local process = machine:process()
    local source = process:map { pages = 2, fill = 0x90 }
    -- Two pages of code at that offset of an enclave; returns the error, or nil.
    local function add(enclave, offset)
      return enclave:add_pages { source = source, offset = offset, pages = 2, secinfo = { permissions = "rx" } }.errno
    end

    local lost = process:open()
    ensure(lost:create { size = 0x8000 }.errno):is_nil()
    ensure(add(lost, 0)):is_nil()
    machine:power_cycle("S3")
    expect(machine.epc.valid):equals(0)                      -- the processor knows no page any more
    expect(add(lost, 0x2000)):equals("EIO")                  -- EADD ended in a page fault: expected, so no warning

    -- Nothing to be done but to close it and to load again.
    expect(lost:close().errno):is_nil()
    expect(machine.epc.free):equals(machine.epc.total)
    local again = process:open()
    expect(again:create { size = 0x8000 }.errno):is_nil()
    expect(add(again, 0)):is_nil()
    expect(again:init { sigstruct = again:sign() }.errno):is_nil()
    expect(machine.log.warnings):is_empty()
  end)
end)
