-- R4: the pointers between slot and page agree whenever the kernel rests. The bench looks after every step; a test that ends
-- without a finding has seen them agree. What is checked here is that the load did pass through the states where they could part.
local sgx = require "sgx"

describe("slot and page", function()
  -- covers: R4
  it("name each other through refusals, eviction and release", function()
    local machine = sgx.machine { epc = "256 KiB", ksgxd = "manual", check = "every-step" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x10000 }.errno):is_nil()
    local source = process:map { pages = 8, fill = 0x90 }
    local function add(offset, pages)
      return enclave:add_pages { source = source, offset = offset, pages = pages, secinfo = { permissions = "rw" } }
    end
    expect(add(0, 4).errno):is_nil()
    expect(add(0x3000, 2).errno):equals("EBUSY")
    machine:inject { fault = "nomem", at = { site = "allocation:slot_map_node" } }
    expect(add(0x4000, 2).errno):equals("ENOMEM")
    machine:inject { fault = "GP", at = { site = "leaf:EADD", nth = 2 } }
    expect(add(0x5000, 2).errno):equals("EIO")
    if machine.driver ~= "v39" then
      machine:reclaim { batches = 2 }
      expect(enclave.evicted):equals(5)
    end
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.findings):is_empty()
  end)
end)
