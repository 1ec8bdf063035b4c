-- CREATE fails in many ways, and each leaves the enclave as it was after open: the same descriptor can try again.
local sgx = require "sgx"

local no_arrays = { "v39", reason = "13/24 has no version arrays" }

local machine, process, enclave

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  enclave = process:open()
end)

-- The call fails so, nothing is left of it, and a plain second attempt succeeds.
local function fails_and_retries(errno, options, value)
  options.size = options.size or 0x8000
  local result = enclave:create(options)
  expect(result.errno):equals(errno)
  expect(result.value):equals(value)
  expect(enclave.state):equals("empty")
  expect(enclave.page_count):equals(0)
  expect(enclave.version_arrays):equals(0)
  expect(machine.epc.free):equals(machine.epc.total)
  machine:cancel_injections()
  expect(enclave:create { size = 0x8000 }.errno):is_nil()
  expect(enclave.state):equals("created")
  local used = machine.behaviours.hasVersionArrays and 2 or 1             -- the SECS, and a version array
  expect(machine.epc.free):equals(machine.epc.total - used)
  enclave:close()
  enclave = process:open()
end

-- A fault of ECREATE is EIO. In v39 it comes through as it is: a positive number, with the trap in it.
local function ecreate_fails(trap, options)
  if machine.behaviours.createReturnsLeafResult then
    fails_and_retries(nil, options, 0x40000000 | trap)
  else
    fails_and_retries("EIO", options)
  end
end

local GP, PF = 13, 14

describe("CREATE", function()
  it("cannot be made twice", function()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    expect(enclave:create { size = 0x8000 }.errno):equals("EINVAL")
    expect(enclave.state):equals("created")
    expect(enclave.size):equals(0x8000)
  end)

  -- covers: C1, C3
  it("is EFAULT where the argument or the SECS cannot be read", function()
    fails_and_retries("EFAULT", { argument = "unreadable" })
    fails_and_retries("EFAULT", { secs = "unreadable" })
  end)

  -- covers: C4
  it("is EINVAL for a size that is no power of two, or EIO where ECREATE has to find it", function()
    local looks = machine.behaviours.createChecksSizeIsPowerOfTwo or machine.behaviours.createValidatesInSoftware
    for _, size in ipairs { 0x3000, 0 } do fails_and_retries(looks and "EINVAL" or "EIO", { size = size }) end
  end)

  -- covers: C8
  it("is EINVAL for a size whose backing file would have a negative length", {
    fails_on = { "v39", reason = "checks the SECS itself: the same EINVAL, but ahead of the backing file" },
  }, function()
    fails_and_retries("EINVAL", { size = "0x8000000000000000", base = 0 })
    expect(machine:visits("leaf:EPA")):equals(2)          -- of both attempts: the version array is there before the file
  end)
end)

describe("ECREATE refuses, and CREATE says EIO without a warning", function()
  local cases = {
    ["one page"] = { size = 0x1000 },
    ["a base that is not a multiple of the size"] = { base = 0x7e0000001000 },
    ["a base that is not canonical"] = { base = "0x800000000000" },
    ["XFRM without x87 and SSE"] = { xfrm = 1 },
    ["an SSA frame of no pages"] = { ssa_frame_size = 0 },
    ["a bit of MISCSELECT that does not exist"] = { miscselect = 0x80000000 },
    ["INIT set in the attributes"] = { attributes = 5 },
    ["a reserved byte that is not zero"] = { reserved_byte = 4095 },
  }
  -- v39 looks at the SECS itself, and says EINVAL before any leaf runs; a base it does not look at.
  local unseen = "a base that is not canonical"
  for name, options in pairs(cases) do
    it(name, function()
      if machine.behaviours.createValidatesInSoftware and name ~= unseen then
        fails_and_retries("EINVAL", options)
        expect(machine:visits("leaf:ECREATE")):equals(1)                  -- that of the second attempt
      else
        ecreate_fails(GP, options)
      end
      expect(machine.log.warnings):is_empty()
    end)
  end
end)

describe("memory that is not there", function()
  local function missing(site)
    machine:inject { fault = "nomem", at = { site = "allocation:" .. site } }
    fails_and_retries("ENOMEM", {})
  end

  -- covers: C2
  it("is ENOMEM: the buffer for the SECS", function() missing("secs_buffer") end)
  -- covers: C5
  it("is ENOMEM: the descriptor of the version array", { fails_on = no_arrays }, function() missing("va_descriptor") end)
  -- covers: C6
  it("is ENOMEM: the version array's page of EPC", { fails_on = no_arrays }, function()
    missing("phys_page")
    expect(machine:visits("allocation:va_descriptor")):equals(2)          -- of both attempts: it was a page for an array
  end)
  -- covers: C8
  it("is ENOMEM: the backing file", function() missing("backing_file") end)

  -- covers: C9
  it("is ENOMEM: the second page of EPC, for the SECS", {
    fails_on = { "v39", reason = "13/24 has no version arrays: the first page of EPC is the SECS, and there is no second" },
  }, function()
    machine:inject { fault = "nomem", at = { site = "allocation:phys_page", nth = 2 } }
    fails_and_retries("ENOMEM", {})
  end)

  -- covers: O1, O2
  it("is ENOMEM at open too, and there is no descriptor then", function()
    for _, site in ipairs { "enclave", "srcu" } do
      machine:inject { fault = "nomem", at = { site = "allocation:" .. site } }
      local descriptor, result = process:open()
      expect(descriptor):is_nil()
      expect(result.errno):equals("ENOMEM")
    end
    expect(process:open()):differs_from(nil)
  end)
end)

describe("leaves that fail for no reason of ours", function()
  -- covers: C7
  it("is EFAULT with a warning where EPA faults", { fails_on = no_arrays }, function()
    machine:inject { fault = "GP", at = { site = "leaf:EPA" } }
    fails_and_retries("EFAULT", {})
    expect(machine.log.warnings):contains("EPA")
  end)

  -- covers: C10
  it("is EIO without one where ECREATE faults", function()
    machine:inject { fault = "PF", at = { site = "leaf:ECREATE" } }
    ecreate_fails(PF, {})
    expect(machine.log.warnings):is_empty()
  end)

  -- covers: C11
  it("leaks a page, with a warning, where EREMOVE fails on the way back", function()
    machine:inject { fault = "PF", at = { site = "leaf:ECREATE" } }
    machine:inject { fault = "code", code = "SGX_CHILD_PRESENT", at = { site = "leaf:EREMOVE" } }
    expect(enclave:create { size = 0x8000 }.errno):equals(not machine.behaviours.createReturnsLeafResult and "EIO" or nil)
    expect(enclave.state):equals("empty")
    expect(machine.epc.leaked):equals(1)
    expect(machine.epc.free):equals(machine.epc.total - 1)
    expect(machine.log.warnings):contains("EREMOVE_LEAK")
    expect(enclave:create { size = 0x8000 }.errno):is_nil()
  end)
end)
