-- The EPC is lost in each state of an enclave: calls say EIO, closing gives everything back, and the log stays empty.
local sgx = require "sgx"

for _, kind in ipairs { "S3", "S4", "migration" } do
  describe("the EPC lost to " .. kind, function()
    local machine, process, enclave

    before_each(function()
      machine = sgx.machine { epc = "256 KiB" }
      process = machine:process()
      enclave = process:open()
    end)

    local function add(offset)
      return enclave:add_pages {
        source = process:map { pages = 2, fill = 0x90 }, offset = offset, pages = 2, secinfo = { permissions = "rx" },
      }
    end

    -- In v39 the first EIO of ADD_PAGES destroys the enclave: no page is left on the books.
    local function destroyed() return machine.behaviours.addFailureDestroys end

    -- What holds after any of them: a close without a trace, and a machine that loads again.
    after_each(function()
      expect(enclave:close().errno):is_nil()
      expect(machine.epc.free):equals(machine.epc.total)
      expect(machine.epc.leaked):equals(0)
      expect(machine.log.warnings):is_empty()
      enclave = process:open()
      expect(enclave:create { size = 0x8000 }.errno):is_nil()
      expect(add(0).errno):is_nil()
      enclave:close()
    end)

    it("before CREATE changes nothing: CREATE succeeds", function()
      machine:power_cycle(kind)
      expect(enclave:create { size = 0x8000 }.errno):is_nil()
    end)

    -- covers: A16
    it("after CREATE has ADD_PAGES say EIO, each time until the enclave is destroyed", function()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      machine:power_cycle(kind)
      expect(machine.epc.valid):equals(0)
      expect(add(0).errno):equals("EIO")
      expect(add(0).errno):equals(destroyed() and "EFAULT" or "EIO")
      expect(enclave.state):equals(destroyed() and "dead" or "created")
      expect(enclave.pages):equals(0)
      expect(enclave.measurement):is_nil()
    end)

    it("after some pages keeps them on the books, but in v39, and takes no more", function()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      ensure(add(0).errno):is_nil()
      machine:power_cycle(kind)
      expect(enclave.pages):equals(2)
      expect(add(0x2000).errno):equals("EIO")
      expect(enclave.pages):equals(destroyed() and 0 or 2)
      expect(enclave.child_count):equals(destroyed() and 0 or 2)
    end)

    it("does not make CREATE possible again on the same descriptor", function()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      machine:power_cycle(kind)
      expect(enclave:create { size = 0x8000 }.errno):equals("EINVAL")
    end)

    -- covers: A16
    it("before an EADD ends the call with what was done", function()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      machine:inject { fault = "power", kind = kind, at = { site = "leaf:EADD", nth = 2 } }
      local result = add(0)
      expect(result.errno):equals("EIO")
      expect(result.count):equals(0x1000)
      expect(enclave.child_count):equals(destroyed() and 0 or 1)
    end)

    it("inside CREATE, before ECREATE, goes unnoticed: the SECS is made in the new EPC", function()
      local line = machine:inject { fault = "power", kind = kind, at = { site = "leaf:ECREATE" } }
      expect(enclave:create { size = 0x8000 }.errno):is_nil()
      expect(machine:struck(line)):equals(1)
      expect(machine.epc.valid):equals(1)     -- the version array is not
    end)

    it("inside close, before an EREMOVE, goes unnoticed", function()
      ensure(enclave:create { size = 0x8000 }.errno):is_nil()
      ensure(add(0).errno):is_nil()
      local line = machine:inject { fault = "power", kind = kind, at = { site = "leaf:EREMOVE", nth = 2 } }
      expect(enclave:close().errno):is_nil()
      expect(machine:struck(line)):equals(1)
      enclave = process:open()
    end)
  end)
end

describe("a lost enclave", function()
  -- Asked for a page that is there already.
  local function asked_again(driver)
    local machine = sgx.machine { epc = "256 KiB", driver = driver }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    local page = { source = process:map { pages = 1 }, offset = 0, pages = 1, secinfo = { permissions = "r" } }
    ensure(enclave:add_pages(page).errno):is_nil()
    machine:power_cycle()
    page.offset = 0x1000
    expect(enclave:add_pages(page).errno):equals("EIO")
    page.offset = 0
    return enclave:add_pages(page).errno
  end

  it("still says EBUSY for a page it has, on Linux: the loss is not remembered", function()
    expect(asked_again("6.1.192")):equals("EBUSY")
  end)

  it("says EIO at once, on the reviewed driver", function()
    expect(asked_again("reviewed")):equals("EIO")
  end)
end)

describe("power lost between two steps of ADD_PAGES", function()
  local leak = { expect_finding = { "child-count", "release-complete", "quiet" } }
  -- covers: A17
  it("leaks the SECS page on Linux where EADD is done and EEXTEND is not", leak, function()
    local machine = sgx.machine { epc = "256 KiB", driver = "6.1.192" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    machine:inject { fault = "power", at = { site = "preemption", nth = 5 } }   -- enter, next page, allocate, insert, EADD
    local result = enclave:add_pages {
      source = process:map { pages = 1 }, offset = 0, pages = 1, secinfo = { permissions = "r" },
    }
    expect(result.errno):equals("EIO")
    expect(enclave.child_count):equals(1)
    enclave:close()
    expect(machine.epc.leaked):equals(1)
  end)

  it("leaks nothing where the page is not measured", function()
    local machine = sgx.machine { epc = "256 KiB", driver = "6.1.192" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    machine:inject { fault = "power", at = { site = "preemption", nth = 5 } }
    local result = enclave:add_pages {
      source = process:map { pages = 1 }, offset = 0, pages = 1, secinfo = { permissions = "r" }, measure = false,
    }
    expect(result.errno):is_nil()
    expect(machine.epc.valid):equals(0)
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)
end)
