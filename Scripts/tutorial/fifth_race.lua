-- A fifth lesson: two threads at once. The kernel writes a page of an enclave out of EPC while a thread reads that page.
local sgx = require "sgx"

-- v39 writes no page out. Saying so keeps `--driver all` in order.
local no_reclaimer = { fails_on = { "v39", reason = "it has no reclaimer" } }
-- A schedule that names a point of the reclaimer cannot be followed there.
local reclaimer = { only_on = { from = "5.11", to = "reviewed", reason = "v39 has no reclaimer" } }

-- An enclave of one page: loaded, initialised and mapped, so that it can be read.
local function ready()
  local machine = sgx.machine { epc = "256 KiB", ksgxd = "manual" }   -- pages leave when we say so, not in the background
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  local source = process:map { pages = 1, fill = 0x90 }
  ensure(enclave:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }.errno):is_nil()
  ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
  ensure(process:mmap { enclave = enclave, prot = "r" }.errno):is_nil()
  return machine, process, enclave
end

describe("a page that is written out", function()
  it("comes back when it is read", no_reclaimer, function()
    local machine, process, enclave = ready()
    expect(machine:reclaim().freed):equals(1)
    expect(enclave.pages):equals(1)                          -- the slot is still there,
    expect(enclave.resident):equals(0)                       -- but no page of EPC is behind it

    local read = process:read(enclave.base)
    expect(read.outcome):equals("ok")
    expect(read.page_fault):is_true()                        -- the page fault loaded it back
    expect(enclave.resident):equals(1)
  end)

  -- A call that is made inside a task stops after each of its steps. The schedule says who goes on, and how far: task 1 is the reclaimer,
  -- task 2 the reader. Where the schedule ends, the seed chooses.
  local function race(...)
    local machine, process, enclave = ready()
    local evict = machine:task(function() return machine:reclaim() end)
    local read = machine:task(function() return process:read(enclave.base) end)
    local choices = machine:run { schedule = { ... } }
    expect(machine.log.warnings):is_empty()
    return evict.result, read.result, choices
  end

  it("stays where the reader was first: the reclaimer sees that it is in use", function()
    local evict, read = race({ 2, to = "end" }, { 1, to = "end" })
    expect(evict.freed):equals(0)
    expect(read.outcome):equals("ok")
    expect(read.restarts):equals(0)
  end)

  it("makes a late reader wait: it faults again until the page is out, and then loads it", reclaimer, function()
    local evict, read = race({ 1, to = "leaf:EBLOCK" }, { 2, to = "restart" })
    expect(evict.freed):equals(1)
    expect(read.outcome):equals("ok")
    expect(read.restarts):at_least(1)
  end)

  it("is there for the reader whenever he comes", reclaimer, function()
    for _, point in ipairs { "preemption", "leaf:EBLOCK", "leaf:ETRACK", "leaf:EWB", "end" } do
      expect(select(2, race { 1, to = point }).outcome):equals("ok")
    end
  end)
end)
