-- One load of four measured pages, nothing else: what `sgxbench sweep` strikes at every point.
local sgx = require "sgx"

describe("a load of four pages", function()
  it("goes in and comes out", function()
    local machine = sgx.machine { epc = "256 KiB" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    local result = enclave:add_pages {
      source = process:map { pages = 4, fill = 0x90, prot = "rx" }, offset = 0, pages = 4,
      secinfo = { type = "REG", permissions = "rx" },
    }
    expect(result.errno):is_nil()
    expect(enclave:close().errno):is_nil()
    expect(machine.epc.free):equals(machine.epc.total)
  end)
end)
