-- R3: a sparse enclave is cheap: what it costs grows with its pages, not with its range.
local sgx = require "sgx"

describe("an enclave of 32 GiB with two pages", function()
  -- covers: R3
  it("takes two pages, its SECS and one version array", {
    fails_on = { "v39", reason = "13/24 has no version arrays, so it takes one page less" },
  }, function()
    local machine = sgx.machine { epc = "256 KiB" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = "32 GiB", base = 0x100000000000 }.errno):is_nil()
    local source = process:map { pages = 1, fill = 0x90 }
    for _, offset in ipairs { 0, 0x7fffff000 } do
      ensure(enclave:add_pages { source = source, offset = offset, pages = 1, secinfo = { permissions = "rx" } }.errno):is_nil()
    end
    expect(enclave.pages):equals(2)
    expect(machine.epc.free):equals(machine.epc.total - 4)
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  -- covers: R3
  it("is mapped whole in as many steps as an enclave of 64 KiB", function()
    local function steps(size)
      local machine = sgx.machine { epc = "256 KiB" }
      local process = machine:process()
      local enclave = process:open()
      ensure(enclave:create { size = size, base = 0x100000000000 }.errno):is_nil()
      local source = process:map { pages = 1, fill = 0x90 }
      ensure(enclave:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }.errno):is_nil()
      local result = process:mmap { enclave = enclave, prot = "r" }
      ensure(result.errno):is_nil()
      return result.steps
    end
    expect(steps("32 GiB")):equals(steps("64 KiB"))
  end)
end)
