-- What may be mapped, and who holds the enclave then.
local sgx = require "sgx"

local machine, process, enclave

local function built(driver)
  machine = sgx.machine { epc = "256 KiB", driver = driver }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x10000 }.errno):is_nil()
  ensure(enclave:add_pages {
    source = process:map { pages = 2, prot = "rw" }, offset = 0, pages = 2, secinfo = { permissions = "rw" },
  }.errno):is_nil()
end

before_each(function() built() end)

-- What an access to a page says that is there, before INIT: v39 refuses it until the enclave is initialised.
local function outcome_before_init() return machine.behaviours.faultBeforeInitIsSIGBUS and "SIGBUS" or "ok" end

describe("mmap of an enclave", function()
  it("must be shared", function()
    expect(process:mmap { enclave = enclave, private = true }.errno):equals("EINVAL")
  end)

  it("gives no right that a page does not have, and any right to a hole", function()
    expect(process:mmap { enclave = enclave, prot = "rwx" }.errno):equals("EACCES")
    expect(process:mmap { enclave = enclave, prot = "-" }.errno):is_nil()
    expect(process:mmap { enclave = enclave, address = enclave.base + 0x2000, pages = 4, prot = "rwx" }.errno):is_nil()
  end)

  it("may lie outside the enclave before INIT, and after it until 6.0", function()
    local outside = { enclave = enclave, address = enclave.base + 0x10000, pages = 1, prot = "r" }
    expect(process:mmap(outside).errno):is_nil()
    ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    expect(process:mmap(outside).errno):equals(machine.behaviours.mapChecksRangeAfterInit and "EACCES" or nil)
  end)

  it("is refused to a process with READ_IMPLIES_EXEC", function()
    expect(process:mmap { enclave = enclave, read_implies_exec = true }.errno):equals("EACCES")
  end)

  it("is quick however large the hole", function()
    local vast = process:open()
    ensure(vast:create { size = 1 << 35 }.errno):is_nil()
    ensure(vast:add_pages {
      source = process:map { pages = 2, prot = "rw" }, offset = 0, pages = 2, secinfo = { permissions = "rw" },
    }.errno):is_nil()
    local each = machine.behaviours.hasVersionArrays and 4 or 3           -- two pages, SECS, version array
    expect(machine.epc.free):equals(machine.epc.total - 2 * each)
    expect(process:mmap { enclave = vast, prot = "rw" }.errno):is_nil()
    expect(process:read(vast.base + (1 << 34)).outcome):equals("SIGBUS")
  end)

  it("holds the enclave after the descriptor is closed", function()
    local base, free = enclave.base, machine.epc.free
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    enclave:close()
    expect(machine.epc.free):equals(free)
    expect(process:read(base).outcome):equals(outcome_before_init())
    expect(process:munmap { address = base, length = 0x8000 }.errno):is_nil()
    expect(machine.epc.free):equals(free)
    expect(process:munmap { address = base, length = 0x10000 }.errno):is_nil()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  -- covers: M1
  it("says ENOMEM where the address space cannot be noted, and nothing is lost", function()
    machine:inject { fault = "nomem", at = { site = "allocation:enclave_mm" } }
    expect(process:mmap { enclave = enclave }.errno):equals("ENOMEM")
    expect(process:mmap { enclave = enclave }.errno):is_nil()
    process:munmap { address = enclave.base, length = 0x10000 }
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)
end)

describe("a notifier that cannot be registered", function()
  -- covers: M2
  it("leaks the enclave in the real driver", { expect_finding = "references" }, function()
    built("6.1.192")
    process:sigaction("SIGUSR1", { handler = true, restart = false })
    machine:inject { signal = "SIGUSR1", at = { site = "signal_poll" } }
    expect(process:mmap { enclave = enclave }.errno):equals("EINTR")
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total - 4)
  end)

  it("may be tried again in the reviewed one", function()
    built("reviewed")
    machine:inject { fault = "nomem", at = { site = "allocation:notifier" } }
    expect(process:mmap { enclave = enclave }.errno):equals("ENOMEM")
    expect(process:mmap { enclave = enclave }.errno):is_nil()
    process:munmap { address = enclave.base, length = 0x10000 }
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)
end)

describe("a page of an enclave as the source of ADD_PAGES", function()
  -- covers: A14
  it("cannot be pinned", function()
    ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    ensure(process:read(enclave.base).outcome):equals("ok")
    local other = process:open()
    ensure(other:create { size = 0x4000 }.errno):is_nil()
    local result = other:add_pages { source = enclave.base, offset = 0, pages = 1, secinfo = { permissions = "rw" } }
    expect(result.errno):equals("EFAULT")
    expect(result.count):equals(0)
  end)
end)

describe("an access from outside", function()
  it("is SIGSEGV where nothing is mapped, or not for writing", function()
    expect(process:read(enclave.base).outcome):equals("SIGSEGV")
    ensure(process:mmap { enclave = enclave, prot = "r" }.errno):is_nil()
    expect(process:write(enclave.base).outcome):equals("SIGSEGV")
    expect(process:read(enclave.base).outcome):equals(outcome_before_init())
  end)

  it("is SIGBUS where the enclave has no page, before INIT", function()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    expect(process:read(enclave.base + 0x8000).outcome):equals("SIGBUS")
  end)

  it("adds the page after INIT, by EAUG", {
    fails_on = { from = "v39", to = "5.19", reason = "SGX2 came with 6.0: before it, a missing page is SIGBUS" },
  }, function()
    ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    expect(process:write(enclave.base + 0x8000).outcome):equals("ok")
    expect(enclave.pages):equals(3)
    expect(enclave.child_count):equals(3)
  end)

  it("is SIGBUS where the mapping allows more than the page added since", function()
    ensure(process:mmap { enclave = enclave, address = enclave.base + 0x4000, pages = 1, prot = "rwx" }.errno):is_nil()
    ensure(enclave:add_pages {
      source = process:map { pages = 1 }, offset = 0x4000, pages = 1, secinfo = { permissions = "r" },
    }.errno):is_nil()
    expect(process:read(enclave.base + 0x4000).outcome):equals("SIGBUS")
    ensure(process:mprotect { address = enclave.base + 0x4000, pages = 1, prot = "r" }.errno):is_nil()
    expect(process:read(enclave.base + 0x4000).outcome):equals(outcome_before_init())
  end)
end)
