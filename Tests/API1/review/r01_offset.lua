-- R1: `offset` is counted from the base of the enclave, and is not an offset inside a page.
local sgx = require "sgx"

local function created()
  local process = sgx.machine { epc = "256 KiB" }:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000, base = 0x7e0000008000 }.errno):is_nil()
  return process, enclave
end

local function add(process, enclave, offset)
  return enclave:add_pages { source = process:map { pages = 1 }, offset = offset, pages = 1, secinfo = { permissions = "r" } }
end

describe("R1: what offset is counted from", function()
  -- covers: R1
  it("is the base: the same offset is the same place, and other offsets are others", function()
    local process, enclave = created()
    expect(add(process, enclave, 0x1000).errno):is_nil()
    expect(add(process, enclave, 0x1000).errno):equals("EBUSY")
    expect(add(process, enclave, 0).errno):is_nil()
    expect(add(process, enclave, 0x7000).errno):is_nil()
    expect(add(process, enclave, 0x8000).errno):equals("EINVAL")
    expect(enclave.pages):equals(3)
  end)

  -- covers: R1
  it("is the base: there the page is reached, and nowhere else", function()
    -- Without SGX2 an access to a place without a page adds none.
    local process = sgx.machine { epc = "256 KiB", processor = "client" }:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000, base = 0x7e0000008000 }.errno):is_nil()
    ensure(add(process, enclave, 0x3000).errno):is_nil()
    ensure(enclave:init { sigstruct = enclave:sign {} }.errno):is_nil()
    ensure(process:mmap { enclave = enclave, prot = "r" }.errno):is_nil()
    for offset = 0, 0x7000, 0x1000 do
      expect(process:read(0x7e0000008000 + offset).outcome):equals(offset == 0x3000 and "ok" or "SIGBUS")
    end
  end)

  -- covers: R1
  it("is whole pages", function()
    local process, enclave = created()
    expect(add(process, enclave, 0x800).errno):equals("EINVAL")
    expect(add(process, enclave, 1).errno):equals("EINVAL")
    expect(enclave.pages):equals(0)
  end)
end)
