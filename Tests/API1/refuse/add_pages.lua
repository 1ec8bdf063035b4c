-- What ADD_PAGES refuses at its door, and what a page in the middle is refused for.
local sgx = require "sgx"

local machine, process, enclave, source

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  source = process:map { address = 0x100000, pages = 8, fill = 0x90, prot = "r" }
end)

-- One page at offset 0, but for what `changes` says.
local function add(changes)
  local options = { source = source, offset = 0, length = sgx.PAGE_SIZE, secinfo = { permissions = "r" } }
  for name, value in pairs(changes) do options[name] = value end
  return enclave:add_pages(options)
end

-- At the door nothing is written back, not even `count`.
local function refused(errno, changes)
  local before = enclave.measured_blocks
  local result = add(changes)
  expect(result.errno):equals(errno)
  expect(result.count):is_nil()
  expect(enclave.pages):equals(0)
  expect(enclave.measured_blocks):equals(before)
end

describe("length and offset", function()
  it("must be whole pages", function()
    refused("EINVAL", { offset = 0x800 })
    refused("EINVAL", { source = source + 1 })
    refused("EINVAL", { length = 0x1800 })
  end)

  it("must not be empty", {
    fails_on = { "v39", reason = "no bytes behind the first page pass the checks, and nobody writes the answer (K2)" },
  }, function()
    refused("EINVAL", { length = 0 })
    refused("EINVAL", { length = 0, offset = 0x1000 })
  end)

  it("must end inside the enclave", function()
    refused("EINVAL", { offset = 0x8000 })
    refused("EINVAL", { offset = 0x7000, length = 0x2000 })
    expect(add { offset = 0x7000 }.errno):is_nil()
  end)

  it("must not wrap around", {
    fails_on = { to = "6.0", reason = "the sum of offset and length wraps: pages go in until EADD finds one outside the enclave" },
  }, function()
    refused("EINVAL", { offset = 0x2000, length = "0xfffffffffffff000" })
  end)
end)

describe("SECINFO", function()
  it("takes regular pages and thread control structures only", function()
    for _, type in ipairs { "SECS", "VA", "TRIM" } do refused("EINVAL", { secinfo = { type = type } }) end
  end)

  it("cannot be writable without being readable", function()
    refused("EINVAL", { secinfo = { permissions = "w" } })
    refused("EINVAL", { secinfo = { permissions = "wx" } })
  end)

  it("gives a thread control structure no permissions", function()
    for _, permissions in ipairs { "r", "rw", "x", "rwx" } do
      refused("EINVAL", { secinfo = { type = "TCS", permissions = permissions } })
    end
  end)

  it("has no other flag: PENDING, MODIFIED, PR and what is reserved", function()
    for bit = 3, 7 do refused("EINVAL", { secinfo = { flags = 0x201 | 1 << bit } }) end
    for bit = 16, 63 do refused("EINVAL", { secinfo = { flags = 0x201 | 1 << bit } }) end
  end)

  it("is zero in each of its 56 reserved bytes", function()
    for byte = 0, 55 do refused("EINVAL", { secinfo = { permissions = "r", reserved_byte = byte } }) end
  end)

  it("takes a page without any permission, and one that can only be executed", function()
    expect(add { secinfo = {} }.errno):is_nil()
    expect(add { offset = 0x1000, secinfo = { permissions = "x" } }.errno):is_nil()
  end)
end)

describe("what cannot be read", function()
  -- covers: A1
  it("is EFAULT for the argument, before anything else is looked at", function()
    refused("EFAULT", { argument = "unreadable", length = 0 })
  end)

  -- covers: A2
  it("is EFAULT for SECINFO, after length and offset", function()
    refused("EFAULT", { secinfo = { access = "unreadable" } })
    refused("EINVAL", { secinfo = { access = "unreadable" }, length = 0 })
  end)
end)

describe("a duplicate page", function()
  -- covers: A10
  it("is EBUSY, and the page that is there stays", function()
    ensure(add { offset = 0x2000 }.errno):is_nil()
    local result = add { length = 0x4000 }
    expect(result.errno):equals("EBUSY")
    expect(result.count):equals(0x2000)
    expect(enclave.pages):equals(3)
    expect(enclave.child_count):equals(3)
  end)
end)

describe("the source", function()
  -- Pages in the middle are refused with what was done in `count`.
  local function page_refused(errno, address)
    local result = add { source = address }
    expect(result.errno):equals(errno)
    expect(result.count):equals(0)
    local arrays = machine.behaviours.hasVersionArrays and 1 or 0
    expect(enclave.page_count):equals(arrays)                             -- the SECS; counted for the arrays' sake
    expect(machine.epc.free):equals(machine.epc.total - 1 - arrays)
  end

  -- covers: A12, A14
  it("is EFAULT where nothing is mapped, below a mapping or above all", function()
    page_refused("EFAULT", source - 0x1000)
    page_refused("EFAULT", source + 0x100000)
  end)

  -- covers: A13
  it("is EACCES on a noexec mapping, whatever SECINFO asks for", function()
    page_refused("EACCES", process:map { pages = 1, prot = "r", noexec = true })
  end)

  -- covers: A13
  it("is EACCES in a hole below a noexec mapping, for the next mapping is the one looked at", function()
    process:map { address = 0x300000, pages = 1, noexec = true }
    page_refused("EACCES", 0x200000)
  end)

  -- covers: A14
  it("is EFAULT where the mapping has no rights, or none to read", function()
    page_refused("EFAULT", process:map { pages = 1, prot = "" })
    page_refused("EFAULT", process:map { pages = 1, prot = "w" })
  end)

  it("is EFAULT in the kernel's half, which v39 sees at the door", function()
    for _, address in ipairs { "0xffff800000000000", "0xfffffffffffff000" } do
      if machine.behaviours.addChecksSourceAddress then
        refused("EFAULT", { source = address })
      else
        page_refused("EFAULT", address)
      end
    end
  end)

  -- covers: A14
  it("is EFAULT on page frames, such as another enclave's mapping", function()
    page_refused("EFAULT", process:map { pages = 1, page_frames = true })
  end)

  -- covers: A14
  it("may end in a hole: what was before it is in", function()
    process:unmap(source + 0x3000, 0x1000)
    local result = add { length = 0x8000 }
    expect(result.errno):equals("EFAULT")
    expect(result.count):equals(0x3000)
    expect(enclave.pages):equals(3)
  end)

  -- covers: A22
  it("may be unmapped by another thread while the call runs", function()
    machine:inject { fault = "unmap", address = source + 0x2000, length = 0x6000, at = { site = "preemption", nth = 1 } }
    local result = add { length = 0x8000 }
    expect(result.errno):equals("EFAULT")
    expect(result.count):equals(0x2000)
  end)
end)

describe("contents that EADD refuses", function()
  -- covers: A15
  it("are EIO, and the place can be used with other contents", {
    fails_on = { "v39", reason = "EIO destroys the enclave: every later ioctl is EFAULT" },
  }, function()
    local bad = process:map { pages = 1, bytes = string.rep("\xff", 4096), prot = "r" }
    local result = add { source = bad, secinfo = { type = "TCS" } }
    expect(result.errno):equals("EIO")
    expect(result.count):equals(0)
    expect(enclave.page_count):equals(1)
    local good = process:map { pages = 1, bytes = sgx.tcs { ossa = 0x1000 }, prot = "r" }
    expect(add { source = good, secinfo = { type = "TCS" } }.errno):is_nil()
    expect(machine.log.warnings):is_empty()
  end)
end)

describe("unknown bits of flags", function()
  it("are ignored by Linux: the page is in, and not measured", function()
    local linux = sgx.machine { epc = "256 KiB", driver = "6.1.192" }
    local it = linux:process()
    local loaded = it:open()
    ensure(loaded:create { size = 0x8000 }.errno):is_nil()
    local result = loaded:add_pages {
      source = it:map { pages = 1 }, offset = 0, pages = 1, secinfo = { permissions = "r" }, flags = "0xfffffffffffffffe",
    }
    expect(result.errno):is_nil()
    expect(loaded.measured_blocks):equals(2)
  end)

  it("are EINVAL for the reviewed driver", function()
    machine = sgx.machine { epc = "256 KiB", driver = "reviewed" }
    local it = machine:process()
    local loaded = it:open()
    ensure(loaded:create { size = 0x8000 }.errno):is_nil()
    local result = loaded:add_pages {
      source = it:map { pages = 1 }, offset = 0, pages = 1, secinfo = { permissions = "r" }, flags = 2,
    }
    expect(result.errno):equals("EINVAL")
    expect(loaded.pages):equals(0)
  end)
end)

describe("the wrong moment", function()
  it("is EINVAL before CREATE", function()
    local empty = process:open()
    local result = empty:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }
    expect(result.errno):equals("EINVAL")
  end)

  -- covers: D2
  it("is ENOTTY for an ioctl that does not exist", function()
    expect(enclave:ioctl(0x1234).errno):equals("ENOTTY")
  end)
end)
