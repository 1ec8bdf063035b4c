-- Opening the device: what the kernel asks before the driver, and that each open gives an enclave of its own.
local sgx = require "sgx"

describe("open", function()
  it("gives an empty enclave each time", function()
    local machine = sgx.machine { epc = "256 KiB" }
    local process = machine:process()
    local first, second = process:open(), process:open()
    ensure(first:create { size = 0x8000 }.errno):is_nil()
    expect(second.state):equals("empty")
    expect(second.descriptor):equals(first.descriptor + 1)
  end)

  it("is EMFILE where the process has as many descriptors as it may, and works again when one is closed", function()
    local machine = sgx.machine { epc = "256 KiB", check = "never" }
    local process = machine:process()
    local last
    for _ = 1, 1021 do last = process:open() end
    ensure(last):differs_from(nil)
    local enclave, result = process:open()
    expect(enclave):is_nil()
    expect(result.errno):equals("EMFILE")
    expect(machine:process():open()):differs_from(nil)        -- another process has a limit of its own
    last:close()
    expect(process:open()):differs_from(nil)
  end)
end)
