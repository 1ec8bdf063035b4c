-- ADD_PAGES into an EPC that is too small: pages are evicted to make room, those of the same enclave too.
local sgx = require "sgx"

local no_reclaimer = { "v39", reason = "13/24 has no reclaimer: nothing is evicted, and an EPC that is full is ENOMEM" }

-- 24 pages of EPC; ksgxd waits to be asked, so that the call itself evicts.
local function crowded(driver)
  local machine = sgx.machine { epc = 24 * sgx.PAGE_SIZE, ksgxd = "manual", driver = driver }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x40000 }.errno):is_nil()
  return machine, process, enclave
end

local function load(process, pages)
  return {
    source = process:map { address = 0x100000, pages = pages, fill = 0x90, prot = "rw" }, offset = 0, pages = pages,
    secinfo = { permissions = "rw" },
  }
end

describe("ADD_PAGES of more than EPC holds", function()
  -- covers: A8
  it("succeeds by evicting the oldest pages in batches of sixteen", { fails_on = no_reclaimer }, function()
    local machine, process, enclave = crowded()
    local result = enclave:add_pages(load(process, 32))
    expect(result.errno):is_nil()
    expect(result.count):equals(32 * sgx.PAGE_SIZE)
    expect(enclave.pages):equals(32)
    expect(enclave.evicted):equals(16)
    expect(machine.epc.evictions):equals(16)
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  -- covers: A24
  it("evicts pages of its own enclave while the call goes on, but never its SECS", { fails_on = no_reclaimer }, function()
    local _, process, enclave = crowded()
    ensure(enclave:add_pages(load(process, 64)).errno):is_nil()
    expect(enclave.evicted):equals(48)
    expect(enclave.secs_resident):equals(true)
    expect(enclave.child_count):equals(enclave.resident)
  end)

  it("measures as if there had been room", { fails_on = no_reclaimer }, function()
    local _, process, enclave = crowded()
    ensure(enclave:add_pages(load(process, 64)).errno):is_nil()
    local roomy = sgx.machine { epc = "1 MiB" }
    local elsewhere = roomy:process()
    local same = elsewhere:open()
    same:create { size = 0x40000, base = enclave.base }
    same:add_pages(load(elsewhere, 64))
    expect(enclave.measurement):equals(same.measurement)
  end)

  it("does not dead-lock with another ioctl of the same enclave", { only_on = { from = "5.11", to = "reviewed", reason = no_reclaimer.reason } }, function()
    local machine, process, enclave = crowded()
    local first = machine:task(function() return enclave:add_pages(load(process, 32)) end)
    local second = machine:task(function() return enclave:ioctl(0xA4FF) end)
    machine:run { schedule = { { 1, to = "leaf:EBLOCK" }, { 2, to = "end" } } }
    expect(first.result.errno):is_nil()
    expect(first.result.count):equals(32 * sgx.PAGE_SIZE)
    expect(second.result.errno):equals("EBUSY")
  end)
end)

describe("a signal found while ADD_PAGES evicts", function()
  local function interrupted(driver)
    local machine, process, enclave = crowded(driver)
    process:sigaction("SIGALRM", { handler = true, restart = false })
    -- One test before each page, and one in the allocator once EPC is full: the 24th of the call.
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = 24 } }
    return enclave:add_pages(load(process, 32)), enclave, process, machine
  end

  -- covers: A7
  it("says EINTR although pages were added, and a repetition finds them there", function()
    local result, enclave, process = interrupted("6.1.192")
    expect(result.errno):equals("EINTR")
    expect(result.count):equals(22 * sgx.PAGE_SIZE)
    expect(enclave.pages):equals(22)
    local again = enclave:add_pages(load(process, 32))
    expect(again.errno):equals("EBUSY")
    expect(again.count):equals(0)
  end)

  it("ends the call with 0 and the count in the reviewed driver", function()
    local result = interrupted("reviewed")
    expect(result.errno):is_nil()
    expect(result.count):equals(22 * sgx.PAGE_SIZE)
  end)
end)

describe("a backing store that is full for good", function()
  it("makes the real driver go round for ever, and the reviewed one say ENOMEM", { expect_finding = "endless-loop" }, function()
    for _, driver in ipairs { "6.1.192", "reviewed" } do
      local machine, process, enclave = crowded(driver)
      machine:inject { fault = "nomem", persistent = true, at = { site = "allocation:backing" } }
      local result = enclave:add_pages(load(process, 32))
      if driver == "reviewed" then
        expect(result.errno):equals("ENOMEM")
        expect(result.count):equals(22 * sgx.PAGE_SIZE)
      else
        expect(result.outcome):equals("stopped")
      end
    end
  end)
end)
