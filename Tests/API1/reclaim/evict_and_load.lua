-- A page that is written out still exists: its slot outlives its page of EPC, and an access brings the same contents back.
local sgx = require "sgx"

local no_reclaimer = { "v39", reason = "13/24 has no reclaimer: nothing is evicted, and an EPC that is full is ENOMEM" }

local machine, process, enclave

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x10000 }.errno):is_nil()
  ensure(enclave:add_pages {
    source = process:map { pages = 4, fill = 0x90, prot = "rw" }, offset = 0, pages = 4, secinfo = { permissions = "rw" },
  }.errno):is_nil()
end)

describe("a page that is evicted", function()
  it("gives its page of EPC back and keeps its slot", { fails_on = no_reclaimer }, function()
    local free = machine.epc.free
    local round = machine:reclaim { batches = 1 }
    expect(round.freed):equals(4)
    expect(machine.epc.free):equals(free + 4)
    expect(enclave.pages):equals(4)
    expect(enclave.resident):equals(0)
    expect(enclave.evicted):equals(4)
    expect(machine.log.warnings):is_empty()
  end)

  it("cannot be added a second time", function()
    machine:reclaim()
    local again = enclave:add_pages {
      source = process:map { pages = 1 }, offset = 0x1000, pages = 1, secinfo = { permissions = "rw" },
    }
    expect(again.errno):equals("EBUSY")
    expect(again.count):equals(0)
  end)

  it("comes back at the next access, and only itself", { fails_on = no_reclaimer }, function()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    machine:reclaim()
    local access = process:read(enclave.base + 0x2000)
    expect(access.outcome):equals("ok")
    expect(access.page_fault):equals(true)
    expect(enclave.resident):equals(1)
    expect(process:read(enclave.base + 0x2000).page_fault):equals(false)
  end)

  it("leaves nothing behind at close", function()
    machine:reclaim()
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.epc.valid):equals(0)
  end)
end)

describe("the SECS", function()
  it("stays while the enclave is not initialised, even without a child in EPC", { fails_on = no_reclaimer }, function()
    machine:reclaim()
    expect(enclave.child_count):equals(0)
    expect(enclave.secs_resident):equals(true)
  end)

  it("follows the last child once the enclave is initialised, and comes back before the first", { fails_on = no_reclaimer }, function()
    ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    machine:reclaim()
    expect(enclave.secs_resident):equals(false)
    expect(machine.epc.free):equals(machine.epc.total - 1)   -- the version array
    expect(process:write(enclave.base).outcome):equals("ok")
    expect(enclave.secs_resident):equals(true)
    expect(enclave.child_count):equals(1)
    enclave:close()
    expect(machine.findings):is_empty()
  end)

  it("stays where the backing store has no room for it, until another child is written out", { fails_on = no_reclaimer }, function()
    ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    machine:inject { fault = "nomem", at = { site = "allocation:backing", nth = 9 } }
    machine:reclaim()
    expect(enclave.resident):equals(0)
    expect(enclave.secs_resident):equals(true)
  end)
end)

describe("a page without room in the backing store", function()
  it("is passed over and tried again", { fails_on = no_reclaimer }, function()
    machine:inject { fault = "nomem", at = { site = "allocation:backing" } }
    expect(machine:reclaim().freed):equals(3)
    expect(enclave.resident):equals(1)
    expect(machine:reclaim().freed):equals(1)
  end)
end)

describe("pages in use", function()
  it("survive one look of the reclaimer and fall to the second", { fails_on = no_reclaimer }, function()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    process:read(enclave.base)
    expect(machine:reclaim().freed):equals(3)
    expect(enclave.resident):equals(1)
    expect(machine:reclaim().freed):equals(1)
  end)
end)

describe("a second enclave", function()
  it("takes the pages of the first, and both keep what is theirs", { fails_on = no_reclaimer }, function()
    local other = process:open()
    ensure(other:create { size = 0x80000 }.errno):is_nil()
    local result = other:add_pages {
      source = process:map { pages = 80, fill = 0x11, prot = "rw" }, offset = 0, pages = 80, secinfo = { permissions = "rw" },
    }
    expect(result.errno):is_nil()
    expect(other.pages):equals(80)
    expect(enclave.pages):equals(4)
    expect(enclave.resident):equals(0)
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    for page = 0, 3 do expect(process:read(enclave.base + page * sgx.PAGE_SIZE).outcome):equals("ok") end
    process:munmap { address = enclave.base, length = 0x10000 }
    other:close()
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.findings):is_empty()
  end)
end)
