-- A fourth lesson: one test for all drivers. Run it with `--driver all`: each column is a version.
local sgx = require "sgx"

local function created()
  local machine = sgx.machine { epc = "256 KiB" }            -- no driver is named, so --driver decides
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  return machine, process, enclave
end

describe("a version of the driver", function()
  -- A test can ask what the driver does, and expect that: `sgxbench explain drivers` lists the names.
  it("takes a version array for CREATE where it has them", function()
    local machine = created()
    expect(machine.epc.total - machine.epc.free):equals(machine.behaviours.hasVersionArrays and 2 or 1)
  end)

  -- Or it can say which versions fail it, and why. A pass there would be a failure: the note is never out of date.
  it("refuses flags that it does not know", {
    fails_on = { to = "7.2.13", reason = "Linux ignores every flag but SGX_PAGE_MEASURE" },
  }, function()
    local _, process, enclave = created()
    local source = process:map { pages = 1 }
    local result = enclave:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" }, flags = 2 }
    expect(result.errno):equals("EINVAL")
  end)
end)
