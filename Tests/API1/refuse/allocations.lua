-- Memory runs out at the third page of a load of five: two are in, `count` says so, and the rest can follow.
local sgx = require "sgx"

local machine, process, enclave, source

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  source = process:map { pages = 5, fill = 0x90 }
end)

local function add(done)
  return enclave:add_pages {
    source = source + done, offset = done, length = 0x5000 - done, secinfo = { permissions = "rx" },
  }
end

-- The load of an undisturbed machine.
local function undisturbed()
  local calm = sgx.machine { epc = "256 KiB" }
  local other = calm:process()
  local loaded = other:open()
  loaded:create { size = 0x8000 }
  loaded:add_pages { source = other:map { pages = 5, fill = 0x90 }, offset = 0, pages = 5, secinfo = { permissions = "rx" } }
  return loaded.measurement
end

-- The call ends so at the third page; a second call finishes the load, and the measurement does not know.
local function interrupted_and_continued(errno)
  local result = add(0)
  expect(result.errno):equals(errno)
  expect(result.count):equals(0x2000)
  expect(enclave.pages):equals(2)
  expect(enclave.child_count):equals(2)
  local arrays = machine.behaviours.hasVersionArrays
  expect(enclave.page_count):equals(arrays and 3 or 0)                    -- with the SECS; counted for the arrays' sake
  expect(machine.epc.free):equals(machine.epc.total - (arrays and 4 or 3))
  expect(add(result.count).errno):is_nil()
  expect(enclave.measurement):equals(undisturbed())
end

describe("at the third page", function()
  -- covers: A5
  it("no memory for its descriptor is ENOMEM", function()
    machine:inject { fault = "nomem", at = { site = "allocation:page_descriptor", nth = 3 } }
    interrupted_and_continued("ENOMEM")
  end)

  -- covers: A11
  it("no memory for its place in the range is ENOMEM", function()
    machine:inject { fault = "nomem", at = { site = "allocation:slot_map_node", nth = 3 } }
    interrupted_and_continued("ENOMEM")
  end)

  -- covers: A14
  it("a source that cannot be pinned is EFAULT", function()
    machine:inject { fault = "efault", at = { site = "user_copy:pin", nth = 3 } }
    interrupted_and_continued("EFAULT")
  end)

  it("an EADD that faults is EIO", {
    fails_on = { "v39", reason = "EIO destroys the enclave, the two pages too: the rest cannot follow" },
  }, function()
    machine:inject { fault = "GP", at = { site = "leaf:EADD", nth = 3 } }
    interrupted_and_continued("EIO")
    expect(machine.log.warnings):is_empty()
  end)
end)

describe("undoing a page", function()
  -- covers: A19
  it("leaks its page of EPC, with a warning, where EREMOVE fails too; the answer is that of the cause", function()
    machine:inject { fault = "GP", at = { site = "leaf:EADD", nth = 3 } }
    machine:inject { fault = "code", code = "SGX_ENCLAVE_ACT", at = { site = "leaf:EREMOVE" } }
    local result = add(0)
    expect(result.errno):equals("EIO")
    expect(result.count):equals(0x2000)
    expect(enclave.pages):equals(machine.behaviours.addFailureDestroys and 0 or 2)
    expect(machine.epc.leaked):equals(1)
    expect(machine.log.warnings):contains("EREMOVE_LEAK")
  end)
end)

describe("count", function()
  -- covers: A20
  it("cannot be written back: EFAULT, and the pages are in all the same", function()
    machine:inject { fault = "efault", at = { site = "user_copy:write_back" } }
    local result = add(0)
    expect(result.errno):equals("EFAULT")
    expect(result.count):is_nil()
    expect(enclave.pages):equals(5)
    expect(enclave.measurement):equals(undisturbed())
  end)

  -- covers: A20
  it("cannot be written back to a read-only argument, which hides what went wrong", function()
    machine:inject { fault = "GP", at = { site = "leaf:EADD", nth = 3 } }
    local result = enclave:add_pages {
      source = source, offset = 0, pages = 5, secinfo = { permissions = "rx" }, argument = "read_only",
    }
    expect(result.errno):equals("EFAULT")
    expect(result.count):is_nil()
    expect(enclave.pages):equals(2)
  end)
end)

describe("an EEXTEND that faults", function()
  local leak = { expect_finding = { "child-count", "release-complete" } }
  -- covers: A18
  it("leaves a child too many on Linux, warned of once, and the SECS page leaks at close", leak, function()
    local linux = sgx.machine { epc = "256 KiB", driver = "6.1.192" }
    local it = linux:process()
    local loaded = it:open()
    ensure(loaded:create { size = 0x8000 }.errno):is_nil()
    linux:inject { fault = "GP", at = { site = "leaf:EEXTEND", nth = 2 * 16 + 5 } }
    local result = loaded:add_pages {
      source = it:map { pages = 5 }, offset = 0, pages = 5, secinfo = { permissions = "rx" },
    }
    expect(result.errno):equals("EIO")
    expect(result.count):equals(0x2000)
    expect(loaded.pages):equals(2)
    expect(loaded.child_count):equals(3)
    expect(loaded.measured_blocks):equals(1 + 2 * (1 + 16 * 5) + 1 + 4 * 5)
    expect(linux.log.warnings):contains("EEXTEND")
    loaded:close()
    expect(linux.epc.leaked):equals(1)
  end)
end)
