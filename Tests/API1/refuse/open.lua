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

describe("EUPDATESVN at open, from 6.19 on", function()
  for _, version in ipairs { "6.19", "7.2.13", "reviewed" } do
    it("runs for the first user only: " .. version, function()
      local machine = sgx.machine { driver = version }
      local process = machine:process()
      local enclave = process:open()
      expect(machine:visits("leaf:EUPDATESVN")):equals(1)
      local second = process:open()
      enclave:close()
      second:close()
      expect(machine:visits("leaf:EUPDATESVN")):equals(1)
      expect(process:open()):differs_from(nil)
      expect(machine:visits("leaf:EUPDATESVN")):equals(2)
    end)

    -- covers: O3
    it("is EAGAIN after ten tries without entropy: " .. version, function()
      local machine = sgx.machine { driver = version }
      machine:inject { fault = "code", code = "SGX_INSUFFICIENT_ENTROPY", at = { site = "leaf:EUPDATESVN" }, times = 10 }
      local none, result = machine:process():open()
      expect(none):is_nil()
      expect(result.errno):equals("EAGAIN")
      expect(machine.log.warnings):is_empty()
    end)

    -- covers: O3
    it("is EIO with a warning after anything else: " .. version, function()
      local machine = sgx.machine { driver = version }
      machine:inject { fault = "PF", at = { site = "leaf:EUPDATESVN" } }
      local none, result = machine:process():open()
      expect(none):is_nil()
      expect(result.errno):equals("EIO")
      expect(machine.log.warnings):contains("EUPDATESVN")
      expect(machine:process():open()):differs_from(nil)
    end)
  end

  it("takes new microcode over", function()
    local machine = sgx.machine { driver = "7.2.13" }
    machine:update_microcode()
    expect(machine:process():open()):differs_from(nil)
    expect(machine:trace()):contains("EUPDATESVN: done")
  end)

  -- covers: O1
  it("gives the count back where the open fails later", function()
    local machine = sgx.machine { driver = "7.2.13" }
    machine:inject { fault = "nomem", at = { site = "allocation:enclave" } }
    local none, result = machine:process():open()
    expect(none):is_nil()
    expect(result.errno):equals("ENOMEM")
    expect(machine:process():open()):differs_from(nil)
    expect(machine:visits("leaf:EUPDATESVN")):equals(2)
  end)
end)
