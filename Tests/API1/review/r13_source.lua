-- R13, R14, R16: the source is looked at page by page, nothing beyond the pinned page is read, and no bound wraps around.
local sgx = require "sgx"

local function created()
  local process = sgx.machine { epc = "256 KiB" }:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  return process, enclave
end

describe("R13: the source range", function()
  -- covers: R13
  it("is checked page by page: what comes before a bad page is in", function()
    local process, enclave = created()
    local source = process:map { address = 0x100000, pages = 1, prot = "r" }
    local result = enclave:add_pages { source = source, offset = 0, pages = 2, secinfo = { permissions = "r" } }
    expect(result.errno):equals("EFAULT")
    expect(result.count):equals(0x1000)
    expect(enclave.pages):equals(1)
  end)
end)

describe("R14: what is read", function()
  -- covers: R14
  it("is never of the kernel's half", function()
    local _, enclave = created()
    for _, source in ipairs { "0xffff800000000000", "0xfffffffffffff000" } do
      local result = enclave:add_pages { source = source, offset = 0, pages = 2, secinfo = { permissions = "r" } }
      expect(result.errno):equals("EFAULT")
      expect(enclave.pages):equals(0)
    end
  end)
end)

describe("R16: the bound on length", function()
  local wraps = { from = "v39", to = "6.0", reason = "the sum of offset and length wraps around, and EADD says no" }
  -- covers: R16
  it("does not wrap around", { fails_on = wraps }, function()
    local process, enclave = created()
    local source = process:map { pages = 1, prot = "r" }
    local result = enclave:add_pages {
      source = source, offset = 0x2000, length = "0xfffffffffffff000", secinfo = { permissions = "r" },
    }
    expect(result.errno):equals("EINVAL")
    expect(enclave.pages):equals(0)
  end)
end)
