-- R2: two objects for a page are justified, because the place in the enclave outlives the page of EPC behind it.
local sgx = require "sgx"

local no_reclaim = { "v39", reason = "13/24 alone evicts nothing; eviction came with 16/24" }

local machine, process, enclave, source

before_each(function()
  machine = sgx.machine { epc = "256 KiB", ksgxd = "manual" }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x10000 }.errno):is_nil()
  source = process:map { pages = 8, fill = 0x5a }
end)

local function add(offset, pages)
  return enclave:add_pages { source = source, offset = offset, pages = pages, secinfo = { permissions = "rw" } }
end

-- Two batches: pages that were never touched are old at once, but a first pass may find them young.
local function evict()
  machine:reclaim { batches = 2 }
end

describe("a page that was evicted", function()
  -- covers: R2
  it("still exists: its page of EPC is free, and its place is taken", { fails_on = no_reclaim }, function()
    ensure(add(0, 8).errno):is_nil()
    local free = machine.epc.free
    evict()
    expect(enclave.evicted):equals(8)
    expect(enclave.pages):equals(8)
    expect(machine.epc.free):equals(free + 8)
    expect(add(0, 1).errno):equals("EBUSY")
  end)

  -- covers: R2
  it("comes back with the bytes it had when it is touched", { fails_on = no_reclaim }, function()
    ensure(add(0, 8).errno):is_nil()
    ensure(enclave:init { sigstruct = enclave:sign {} }.errno):is_nil()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    evict()
    ensure(enclave.evicted):equals(8)
    local free = machine.epc.free
    expect(process:read(enclave.base + 0x3000).outcome):equals("ok")
    expect(enclave.evicted):equals(7)
    expect(machine.epc.free):at_most(free - 1)
    expect(machine.log.warnings):is_empty()
  end)
end)
