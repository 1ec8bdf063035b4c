-- CREATE fails in many ways, and each leaves the enclave as it was after open: the same descriptor can try again.
local sgx = require "sgx"

local machine, process, enclave

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  enclave = process:open()
end)

-- The call fails so, nothing is left of it, and a plain second attempt succeeds.
local function fails_and_retries(errno, options)
  options.size = options.size or 0x8000
  expect(enclave:create(options).errno):equals(errno)
  expect(enclave.state):equals("empty")
  expect(enclave.page_count):equals(0)
  expect(enclave.version_arrays):equals(0)
  expect(machine.epc.free):equals(machine.epc.total)
  machine:cancel_injections()
  expect(enclave:create { size = 0x8000 }.errno):is_nil()
  expect(enclave.state):equals("created")
  expect(machine.epc.free):equals(machine.epc.total - 2)
  enclave:close()
  enclave = process:open()
end

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
  it("is EINVAL for a size that is no power of two", function()
    fails_and_retries("EINVAL", { size = 0x3000 })
    fails_and_retries("EINVAL", { size = 0 })
  end)

  -- covers: C8
  it("is EINVAL for a size whose backing file would have a negative length", function()
    fails_and_retries("EINVAL", { size = "0x8000000000000000", base = 0 })
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
  for name, options in pairs(cases) do
    it(name, function()
      fails_and_retries("EIO", options)
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
  it("is ENOMEM: the descriptor of the version array", function() missing("va_descriptor") end)
  -- covers: C6
  it("is ENOMEM: the version array's page of EPC", function() missing("phys_page") end)
  -- covers: C8
  it("is ENOMEM: the backing file", function() missing("backing_file") end)

  -- covers: C9
  it("is ENOMEM: the second page of EPC, for the SECS", function()
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
  it("is EFAULT with a warning where EPA faults", function()
    machine:inject { fault = "GP", at = { site = "leaf:EPA" } }
    fails_and_retries("EFAULT", {})
    expect(machine.log.warnings):contains("EPA")
  end)

  -- covers: C10
  it("is EIO without one where ECREATE faults", function()
    machine:inject { fault = "PF", at = { site = "leaf:ECREATE" } }
    fails_and_retries("EIO", {})
    expect(machine.log.warnings):is_empty()
  end)

  -- covers: C11
  it("leaks a page, with a warning, where EREMOVE fails on the way back", function()
    machine:inject { fault = "PF", at = { site = "leaf:ECREATE" } }
    machine:inject { fault = "code", code = "SGX_CHILD_PRESENT", at = { site = "leaf:EREMOVE" } }
    expect(enclave:create { size = 0x8000 }.errno):equals("EIO")
    expect(machine.epc.leaked):equals(1)
    expect(machine.epc.free):equals(machine.epc.total - 1)
    expect(machine.log.warnings):contains("EREMOVE_LEAK")
    expect(enclave:create { size = 0x8000 }.errno):is_nil()
  end)
end)
