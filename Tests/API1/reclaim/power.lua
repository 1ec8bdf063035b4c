-- A laptop lid is closed, memory gets short, and somebody touches the enclave.
local sgx = require "sgx"

local function lost(driver)
  local machine = sgx.machine { epc = "256 KiB", driver = driver }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x10000 }.errno):is_nil()
  ensure(enclave:add_pages {
    source = process:map { pages = 4, prot = "rw" }, offset = 0, pages = 4, secinfo = { permissions = "rw" },
  }.errno):is_nil()
  ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
  ensure(process:mmap { enclave = enclave }.errno):is_nil()
  return machine, process, enclave
end

describe("power cycle, then eviction, then an access", function()
  it("has the real driver warn and read through a null pointer", { expect_finding = { "null-pointer", "quiet" } }, function()
    local machine, process, enclave = lost("6.1.192")
    machine:power_cycle("S3")
    expect(machine:reclaim().freed):equals(4)
    expect(machine.log.warnings[1].text):equals("EBLOCK returned 6 (0x6)")
    expect(process:read(enclave.base).outcome):equals("stopped")
    expect(machine.findings):contains("null-pointer")
  end)

  it("is SIGBUS in the reviewed driver, without a warning, and everything comes back at close", function()
    local machine, process, enclave = lost("reviewed")
    machine:power_cycle("S3")
    expect(machine:reclaim().freed):equals(4)
    expect(process:read(enclave.base).outcome):equals("SIGBUS")
    expect(process:write(enclave.base + 0x8000).outcome):equals("SIGBUS")
    expect(machine.log.warnings):is_empty()
    local base = enclave.base
    enclave:close()
    process:munmap { address = base, length = 0x10000 }
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.findings):is_empty()
  end)

  it("loses a page that was evicted before the cycle, silently", function()
    for _, driver in ipairs { "6.1.192", "reviewed" } do
      local machine, process, enclave = lost(driver)
      machine:reclaim()
      machine:power_cycle("S3")
      expect(process:read(enclave.base).outcome):equals("SIGBUS")
      expect(machine.log.warnings):is_empty()
    end
  end)
end)

describe("EWB that fails", function()
  it("has the real driver free a page that is still valid", { expect_finding = "free-is-invalid" }, function()
    local machine = lost("6.1.192")
    machine:inject { fault = "GP", at = { site = "leaf:EWB" } }
    machine:reclaim()
    expect(machine.findings):contains("free-is-invalid")
  end)

  it("costs the reviewed driver the page's content and nothing else", function()
    local machine, process, enclave = lost("reviewed")
    machine:inject { fault = "GP", at = { site = "leaf:EWB" } }
    expect(machine:reclaim().freed):equals(4)
    expect(process:read(enclave.base).outcome):equals("SIGBUS")
    expect(process:read(enclave.base + 0x1000).outcome):equals("ok")
    local base = enclave.base
    enclave:close()
    process:munmap { address = base, length = 0x10000 }
    expect(machine.epc.free):equals(machine.epc.total)
  end)
end)
