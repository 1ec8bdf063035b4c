-- Page faults that find no memory, and leaves that fail on the way out and back.
local sgx = require "sgx"

local no_reclaimer = { "v39", reason = "13/24 has no reclaimer: nothing is evicted, and an EPC that is full is ENOMEM" }
local no_eaug = { to = "5.19", reason = "SGX2 came with 6.0: before it, a missing page is SIGBUS and stays missing" }

local machine, process, enclave

-- An initialised enclave, mapped: of `pages` pages, or of `"all"` that EPC has room for.
local function built(options)
  machine = sgx.machine { epc = options.epc or "256 KiB", ksgxd = options.ksgxd, driver = options.driver }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x80000 }.errno):is_nil()
  local pages = options.pages == "all" and machine.epc.free or options.pages or 4
  ensure(enclave:add_pages {
    source = process:map { pages = pages, prot = "rw" }, offset = 0, pages = pages, secinfo = { permissions = "rw" },
  }.errno):is_nil()
  ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
  ensure(process:mmap { enclave = enclave }.errno):is_nil()
end

local missing = 0x40000

describe("an access to a missing page", function()
  before_each(function() built {} end)

  it("has the kernel look for a victim where there is no memory for the page's descriptor", { fails_on = no_eaug }, function()
    machine:inject { fault = "nomem", at = { site = "allocation:page_descriptor" } }
    expect(process:write(enclave.base + missing).outcome):equals("OOM")
    expect(enclave.pages):equals(4)
  end)

  it("is SIGBUS where the page cannot be noted, and nothing is taken", { fails_on = no_eaug }, function()
    local free = machine.epc.free
    machine:inject { fault = "nomem", at = { site = "allocation:slot_map_node" } }
    expect(process:write(enclave.base + missing).outcome):equals("SIGBUS")
    expect(machine.epc.free):equals(free)
    expect(process:write(enclave.base + missing).outcome):equals("ok")
  end)

  it("is SIGBUS where EAUG refuses, silently", function()
    local free = machine.epc.free
    local line = machine:inject { fault = "GP", at = { site = "leaf:EAUG" } }
    expect(process:write(enclave.base + missing).outcome):equals("SIGBUS")
    expect(machine:struck(line)):equals(machine.behaviours.augmentsOnFault and 1 or 0)     -- SIGBUS without EAUG, before 6.0
    expect(machine.epc.free):equals(free)
    expect(machine.log.warnings):is_empty()
  end)

  it("is SIGBUS where there is no page table, but the page stays", { fails_on = no_eaug }, function()
    machine:inject { fault = "nomem", at = { site = "allocation:page_table_entry" } }
    expect(process:write(enclave.base + missing).outcome):equals("SIGBUS")
    expect(enclave.pages):equals(5)
    expect(process:write(enclave.base + missing).outcome):equals("ok")
  end)
end)

describe("an access to an evicted page", function()
  it("is SIGBUS where ELDU refuses once, and for ever since 5.17, which drops the copy", { fails_on = no_reclaimer }, function()
    built {}
    machine:reclaim()
    machine:inject { fault = "code", code = "SGX_MAC_COMPARE_FAIL", at = { site = "leaf:ELDU", nth = 2 } }
    expect(process:read(enclave.base).outcome):equals("SIGBUS")
    expect(process:read(enclave.base).outcome):equals(machine.behaviours.loadDropsBacking and "SIGBUS" or "ok")
    expect(process:read(enclave.base + 0x1000).outcome):equals("ok")
    expect(machine.log.warnings):contains("ELDU")
  end)

  it("waits for ksgxd where EPC is short", { fails_on = no_reclaimer }, function()
    for _, ksgxd in ipairs { "auto", "manual" } do
      built { epc = 24 * sgx.PAGE_SIZE, ksgxd = ksgxd, pages = 40 }
      local address = enclave.base
      if ksgxd == "auto" then
        expect(process:read(address).outcome):equals("ok")
      else
        -- Fills what is free, then finds nothing.
        local outcome, page = "ok", 0
        while outcome == "ok" and page < 40 do
          outcome = process:read(address + page * sgx.PAGE_SIZE).outcome
          page = page + 1
        end
        expect(outcome):equals("retry")
        machine:ksgxd()
        expect(process:read(address + (page - 1) * sgx.PAGE_SIZE).outcome):equals("ok")
      end
    end
  end)

  it("is SIGBUS where nothing can be evicted for it", { fails_on = no_reclaimer }, function()
    built { epc = 3 * sgx.PAGE_SIZE, ksgxd = "manual", pages = 1 }
    machine:reclaim()
    -- SECS and page are out; a second enclave takes what they left.
    local other = process:open()
    ensure(other:create { size = 0x4000 }.errno):is_nil()
    expect(process:read(enclave.base).outcome):equals("SIGBUS")
    other:close()
    expect(process:read(enclave.base).outcome):equals("ok")
  end)
end)

describe("a leaf that fails on the way out", function()
  before_each(function() built { driver = "reviewed" } end)

  it("EBLOCK: a warning, and EWB decides", function()
    machine:inject { fault = "code", code = "SGX_BLKSTATE", at = { site = "leaf:EBLOCK" } }
    machine:reclaim()
    expect(machine.log.warnings[1].site):equals("EBLOCK")
    expect(machine.log.warnings[2].site):equals("EWB")
    expect(process:read(enclave.base).outcome):equals("SIGBUS")
  end)

  it("EWB that finds the page not tracked twice: the threads are interrupted, and all is well", function()
    machine:inject { fault = "code", code = "SGX_NOT_TRACKED", times = 2, at = { site = "leaf:EWB" } }
    expect(machine:reclaim().freed):equals(4)
    expect(machine.log.warnings):is_empty()
    expect(process:read(enclave.base).outcome):equals("ok")
  end)

  it("ETRACK: the first page is lost, because its cycle never began", function()
    machine:inject { fault = "GP", at = { site = "leaf:ETRACK" } }
    machine:reclaim()
    expect(machine.log.warnings):contains("ETRACK")
    expect(process:read(enclave.base).outcome):equals("SIGBUS")
    expect(process:read(enclave.base + 0x1000).outcome):equals("ok")
  end)

  it("EWB of the SECS: every page of the enclave is lost", function()
    machine:inject { fault = "GP", at = { site = "leaf:EWB", nth = 6 } }
    machine:reclaim()
    expect(enclave.secs_resident):equals(false)
    for page = 0, 3 do expect(process:read(enclave.base + page * sgx.PAGE_SIZE).outcome):equals("SIGBUS") end
    local base = enclave.base
    enclave:close()
    process:munmap { address = base, length = 0x80000 }
    expect(machine.epc.free):equals(machine.epc.total)
  end)
end)

describe("CREATE without a free page", function()
  local function full()
    built { epc = 24 * sgx.PAGE_SIZE, ksgxd = "manual", pages = "all" }
    expect(machine.epc.free):equals(0)
    return process:open()
  end

  it("evicts pages of another enclave", { fails_on = no_reclaimer }, function()
    local other = full()
    expect(other:create { size = 0x4000 }.errno):is_nil()
    expect(enclave.evicted):equals(16)
  end)

  -- covers: C6
  it("is interrupted by a signal that it finds first, and may be repeated", { fails_on = no_reclaimer }, function()
    local other = full()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll" } }
    expect(other:create { size = 0x4000 }.errno):equals("EINTR")
    expect(enclave.evicted):equals(0)
    expect(other.state):equals("empty")
    expect(other:create { size = 0x4000 }.errno):is_nil()
  end)
end)
