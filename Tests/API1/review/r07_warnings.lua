-- R7, R8: nobody can flood the log, and bad input does not reach it at all.
local sgx = require "sgx"

local function loaded()
  local machine = sgx.machine { epc = "256 KiB" }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  return machine, process, enclave
end

describe("R7: warnings", function()
  -- Four enclaves, each of which loses the EPC in the middle of a page, and one more that is evicted after a fifth loss.
  local function lose(driver)
    local machine = sgx.machine { epc = "256 KiB", driver = driver }
    local process = machine:process()
    local source = process:map { pages = 2, prot = "r" }
    for _ = 1, 4 do
      local enclave = process:open()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      machine:inject { fault = "power", at = { site = "leaf:EEXTEND" } }
      expect(enclave:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }.errno):equals("EIO")
      enclave:close()
    end
    for _ = 1, 2 do
      local enclave = process:open()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      ensure(enclave:add_pages { source = source, offset = 0, pages = 2, secinfo = { permissions = "r" } }.errno):is_nil()
      machine:power_cycle()
      machine:reclaim {}
      enclave:close()
    end
    return machine
  end

  -- covers: R7
  it("come once a site, however often the EPC is lost", { expect_finding = { "child-count", "release-complete", "quiet" } }, function()
    local machine = lose("6.1.192")
    expect(machine.log.warnings):at_most(1, "per site")
    -- What each loss leaves behind goes on, though nobody says so any more.
    expect(machine.log.warnings):has_length(3)
    expect(machine.log.warnings):contains("REL_SECS_CHILD")
    expect(machine.log.warnings):contains("REL_SECS_RESIDENT")
    expect(machine.log.warnings):contains("EBLOCK")
    expect(machine.epc.leaked):equals(4)
  end)

  -- covers: R7
  it("do not come at all on the reviewed driver", function()
    local machine = lose("reviewed")
    expect(machine.log.warnings):is_empty()
    expect(machine.epc.free):equals(machine.epc.total)
  end)
end)

describe("R8: bad input", function()
  -- covers: R8
  it("warns of nothing", function()
    local machine, process, enclave = loaded()
    local bad = process:map { pages = 1, bytes = string.rep("\xff", 4096), prot = "r" }
    local good = process:map { pages = 1, prot = "r" }
    local requests = {
      { source = good, offset = 0, pages = 1, secinfo = { flags = 0xffff } },
      { source = good, offset = 0, pages = 1, secinfo = { permissions = "w" } },
      { source = good, offset = 0x8000, pages = 1, secinfo = { permissions = "r" } },
      { source = good + 0x100000, offset = 0, pages = 1, secinfo = { permissions = "r" } },
      { source = "0xffff800000000000", offset = 0, pages = 1, secinfo = { permissions = "r" } },
      { source = bad, offset = 0, pages = 1, secinfo = { type = "TCS" } },
    }
    for _, request in ipairs(requests) do expect(enclave:add_pages(request).errno):differs_from(nil) end
    local second = process:open()
    for _, options in ipairs { { size = 0x1000 }, { size = 0x8000, xfrm = 1 }, { size = 0x8000, miscselect = 0x80000000 } } do
      expect(second:create(options).outcome):differs_from("success")
    end
    enclave:close()
    second:close()
    expect(machine.log.warnings):is_empty()
  end)
end)
