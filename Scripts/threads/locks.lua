-- What a call holds while others run: encl->lock and mmap_lock. Who meets a held one waits, and nobody chooses it until then.
local sgx = require "sgx"

-- What names a point of the reclaimer cannot be followed where there is none.
local reclaimer = { only_on = { from = "5.11", to = "reviewed", reason = "v39 has no reclaimer" } }

local function loaded(pages, seed)
  local machine = sgx.machine { epc = "4 MiB", ksgxd = "manual", seed = seed }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x400000 }.errno):is_nil()
  ensure(enclave:add_pages {
    source = process:map { pages = pages, prot = "rw" }, offset = 0, pages = pages, secinfo = { permissions = "rw" }, measure = false,
  }.count):equals(math.min(pages * sgx.PAGE_SIZE, machine.behaviours.capsAddPages and 1 << 20 or 1 << 30))
  return machine, process, enclave
end

describe("the page step of ADD_PAGES", function()
  -- The 512th slot needs a version array of its own, which goes again when EADD refuses the page. A batch that wrote pages out in
  -- between would take a slot of it.
  it("lets no eviction in before it is undone", function()
    for seed = 1, 6 do
      local machine, process, enclave = loaded(511, seed)
      local pages = enclave.pages
      local refused = { source = process:map { pages = 1, fill = 0xff }, offset = 511 * sgx.PAGE_SIZE, pages = 1, secinfo = { type = "TCS" } }
      local first = machine:task(function() return enclave:add_pages(refused) end)
      local second = machine:task(function() return machine:reclaim() end)
      machine:run()
      expect(first.result.errno):equals("EIO")
      expect(second.result.freed):equals(machine.behaviours.reclaims and 16 or 0)
      if not machine.behaviours.addFailureDestroys then expect(enclave.pages):equals(pages) end
      expect(machine.log.warnings):is_empty()
    end
  end)

  -- The same by name: how far the one is when the other comes in, and then how far that one is when the first goes on.
  it("is undone alike wherever a batch comes in", reclaimer, function()
    local function race(...)
      local machine, process, enclave = loaded(511)
      local refused = { source = process:map { pages = 1, fill = 0xff }, offset = 511 * sgx.PAGE_SIZE, pages = 1, secinfo = { type = "TCS" } }
      local add = machine:task(function() return enclave:add_pages(refused) end)
      local batch = machine:task(function() return machine:reclaim() end)
      machine:run { schedule = { ... } }
      expect(add.result.errno):equals("EIO")
      expect(batch.result.freed):equals(16)
      expect(enclave.pages):equals(511)
      expect(enclave.evicted):equals(16)
      expect(machine.log.warnings):is_empty()
    end
    local adding = { "user_copy:argument", "user_copy:secinfo", "signal_poll", "allocation:page_descriptor", "leaf:EPA", "leaf:EADD", "end" }
    local evicting = { "preemption", "allocation:backing", "leaf:EBLOCK", "leaf:EWB", "end" }
    for _, place in ipairs(adding) do
      for _, other in ipairs(evicting) do
        race({ 1, to = place }, { 2, to = other })
        race({ 2, to = other }, { 1, to = place })
      end
    end
    -- With both locks, where only the seed may say who is next.
    race { 1, to = "user_copy:pin" }
  end)

  it("lets no leaf strike between a page's EADD and its EEXTENDs", reclaimer, function()
    local measurement
    for chunk = 1, 16 do
      local machine, process, enclave = loaded(2)
      local source = process:map { pages = 1, fill = 0x90 }
      machine:task(function()
        return enclave:add_pages { source = source, offset = 0x10000, pages = 1, secinfo = { permissions = "r" } }
      end)
      machine:task(function() return machine:reclaim() end)
      local before = { 1, to = "leaf:EEXTEND", nth = chunk }
      local followed = pcall(machine.run, machine, { schedule = { before, { 2, to = "leaf:EBLOCK" } } })
      -- After the last one the page is whole, and the locks are free. Refused or not, both calls come to their ends.
      expect(followed):equals(chunk == 16)
      expect(enclave.pages):equals(3)
      expect(machine.epc.evictions):at_least(2)
      measurement = measurement or enclave.measurement
      expect(enclave.measurement):equals(measurement)
    end
  end)

  it("keeps the reclaimer waiting, and a schedule that wants it then is refused", function()
    local machine, process, enclave = loaded(2)
    if not machine.behaviours.reclaims then return end
    local source = process:map { pages = 1 }
    machine:task(function()
      return enclave:add_pages { source = source, offset = 0x10000, pages = 1, secinfo = { permissions = "r" } }
    end)
    machine:task(function() return machine:reclaim() end)
    local followed, message = pcall(machine.run, machine, { schedule = { { 1, to = "user_copy:pin" }, { 2, to = "end" } } })
    expect(followed):equals(false)
    expect(tostring(message):find("task 2 waits for encl->lock of enclave 0, which task 1 holds", 1, true) ~= nil):equals(true)
    expect(enclave.pages):equals(3)
  end)
end)

describe("INIT", function()
  it("holds the enclave over its sleeps, so that a fault waits", function()
    local machine, process, enclave = loaded(1)
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    if machine.behaviours.faultBeforeInitIsSIGBUS then return end
    machine:inject { fault = "code", code = "SGX_UNMASKED_EVENT", at = { site = "leaf:EINIT", nth = 1 }, times = 20 }
    local sigstruct, base = enclave:sign(), enclave.base
    local init = machine:task(function() return enclave:init { sigstruct = sigstruct } end)
    local fault = machine:task(function() return process:read(base) end)
    local choices = machine:run { schedule = { { 1, to = "leaf:EINIT" }, 2, { 1, to = "end" }, { 2, to = "end" } } }
    expect(init.result.errno):is_nil()
    expect(init.result.sleeps):equals(1)
    expect(fault.result.outcome):equals("ok")
    expect(fault.result.restarts):equals(0)
    expect(#choices > 20):equals(true)
  end)
end)

describe("munmap", function()
  it("waits for a fault that is under way, and takes its page away again", function()
    local machine, process, enclave = loaded(1)
    if machine.behaviours.faultBeforeInitIsSIGBUS then return end
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    local base = enclave.base
    local fault = machine:task(function() return process:read(base) end)
    local unmap = machine:task(function() return process:munmap { address = base, pages = 1 } end)
    -- After its first step the fault holds mmap_lock, so task 2 comes to wait for it.
    machine:run { schedule = { 1, 2, { 1, to = "end" }, { 2, to = "end" } } }
    expect(fault.result.outcome):equals("ok")
    expect(unmap.result.errno):is_nil()
    expect(process:read(base).outcome):equals("SIGSEGV")
  end)
end)

describe("two first touches of a page", function()
  it("both find it absent, and the second to come to the lock is told SIGBUS", function()
    local machine, process, enclave = loaded(1)
    if not machine.behaviours.augmentsOnFault then return end
    ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    ensure(process:mmap { enclave = enclave }.errno):is_nil()
    local place = enclave.base + 0x5000
    local first = machine:task(function() return process:write(place) end)
    local second = machine:task(function() return process:write(place) end)
    machine:run { schedule = { 1, 2, { 1, to = "end" }, { 2, to = "end" } } }
    expect(first.result.outcome):equals("ok")
    -- ksgxd is asleep by order, so that an access that is to be made again is not made by itself.
    expect(second.result.outcome):equals(machine.behaviours.secondFirstTouchRetries and "retry" or "SIGBUS")
  end)
end)
