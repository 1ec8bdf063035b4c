-- Where the versions of the driver part ways: the same call, made on each of them.
local sgx = require "sgx"

local versions = { sgx.drivers() }

-- True where `name` is one of the others.
local function is(name, ...)
  for _, other in ipairs { ... } do if other == name then return true end end
  return false
end

local machine, process, enclave, source

-- A machine of that version with a created enclave of eight pages.
local function created(version, options)
  options = options or {}
  machine = sgx.machine { epc = options.epc or "256 KiB", driver = version, processor = options.processor, behaviours = options.behaviours }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = options.size or 0x8000 }.errno):is_nil()
  source = process:map { address = 0x100000, pages = options.pages or 8, fill = 0x90, prot = "r" }
end

local function add(changes)
  local options = { source = source, offset = 0, secinfo = { permissions = "r" } }
  for name, value in pairs(changes) do options[name] = value end
  if not options.pages and not options.length then options.pages = 1 end
  return enclave:add_pages(options)
end

for _, version in ipairs(versions) do
  describe("driver " .. version, function()
    it("is what it says it is", function()
      created(version)
      expect(machine.driver):equals(version)
      expect(machine.behaviours.capsAddPages):equals(version == "v39")
    end)

    -- covers: C4
    it("refuses a size that is no power of two, itself or by ECREATE", function()
      created(version)
      local other = process:open()
      local leaves = machine:visits("leaf:ECREATE")
      local looks = machine.behaviours.createChecksSizeIsPowerOfTwo or machine.behaviours.createValidatesInSoftware
      expect(other:create { size = 0x3000, base = 0 }.errno):equals(looks and "EINVAL" or "EIO")
      expect(machine:visits("leaf:ECREATE") - leaves):equals(looks and 0 or 1)
      expect(other.state):equals("empty")
    end)

    -- covers: C10
    it("says EIO where ECREATE faults, and v39 what ECREATE said", function()
      created(version)
      local other = process:open()
      local before = machine.epc.free
      local result = other:create { size = 0x8000, xfrm = 0x23 }
      if version == "v39" then
        expect(result.outcome):equals("leaf_result")
        expect(result.errno):is_nil()
        expect(result.value):equals(0x4000000d)
      else
        expect(result.errno):equals("EIO")
        expect(result.value):is_nil()
      end
      expect(machine.epc.free):equals(before)
      expect(other:create { size = 0x8000 }.value):equals(0)
    end)

    it("adds no bytes at offset 0", function()
      created(version)
      expect(add { length = 0 }.errno):equals("EINVAL")
    end)

    it("adds no bytes further on, or says what nobody wrote", function()
      created(version)
      local result = add { length = 0, offset = 0x1000 }
      if version == "v39" then
        expect(result.outcome):equals("uninitialised")
        expect(result.count):equals(0)
        expect(result.errno == result.errno):is_false()
        expect(result.value == 0):is_false()
      else
        expect(result.errno):equals("EINVAL")
        expect(result.count):is_nil()
      end
      expect(enclave.pages):equals(0)
    end)

    it("takes a range that wraps around for a short one, until 6.1", function()
      created(version)
      local result = add { offset = 0x2000, length = "0xfffffffffffff000" }
      if is(version, "v39", "5.11", "5.13", "5.17", "6.0") then
        expect(result.errno):equals("EIO")
        expect(result.count):equals(0x6000)
        expect(enclave.state):equals(version == "v39" and "dead" or "created")
      else
        expect(result.errno):equals("EINVAL")
        expect(result.count):is_nil()
      end
    end)

    it("looks at the end of the enclave to the page", function()
      created(version)
      expect(add { offset = 0x8000 }.errno):equals("EINVAL")
      expect(add { offset = 0x7000 }.errno):is_nil()
    end)

    it("ignores flags it does not know, but for the reviewed driver", function()
      created(version)
      local result = add { flags = "0xfffffffffffffffe" }
      expect(result.errno):equals(version == "reviewed" and "EINVAL" or nil)
      expect(enclave.measured_blocks):equals(version == "reviewed" and 1 or 2)
    end)

    -- covers: A12
    it("finds nothing mapped above the last mapping, or in the kernel's half", function()
      created(version)
      local above = add { source = source + 0x100000 }
      expect(above.errno):equals("EFAULT")
      expect(above.count):equals(0)
      local result = add { source = "0xffff800000000000" }
      expect(result.errno):equals("EFAULT")
      expect(result.count):equals(version ~= "v39" and 0 or nil)
      expect(add { source = "0xffff800000000000", length = 0x800 }.errno):equals(version == "v39" and "EFAULT" or "EINVAL")
    end)

    -- covers: A15
    it("survives a page that EADD refuses, unless it is v39", function()
      created(version)
      local bad = process:map { pages = 1, fill = 0xff, prot = "r" }
      local result = add { source = bad, secinfo = { type = "TCS" } }
      expect(result.errno):equals("EIO")
      expect(result.count):equals(0)
      expect(add {}.errno):equals(version == "v39" and "EFAULT" or nil)
      enclave:close()
      expect(machine.epc.free):equals(machine.epc.total)
      expect(machine.log.warnings):is_empty()
    end)

    -- covers: A20
    it("adds pages it cannot report", function()
      created(version)
      local result = add { pages = 2, argument = "read_only" }
      expect(result.errno):equals("EFAULT")
      expect(result.count):is_nil()
      expect(enclave.pages):equals(2)
    end)

    -- covers: D2
    it("knows the ioctls of its time", function()
      created(version, { processor = "client" })
      expect(enclave:ioctl(0x1234).errno):equals("ENOTTY")
      local isOld = is(version, "v39", "5.11", "5.13", "5.17")
      for _, command in ipairs { 0xC028A405, 0xC028A406, 0xC018A407 } do
        expect(enclave:ioctl(command).errno):equals(isOld and "ENOTTY" or "ENODEV")
      end
      created(version)
      expect(enclave:ioctl(0xC028A405).errno):equals(isOld and "ENOTTY" or "EINVAL")
    end)

    it("has its devices at one place", function()
      created(version)
      local paths = { "/dev/sgx_enclave", "/dev/sgx_provision", "/dev/sgx/enclave", "/dev/sgx/provision" }
      for index, path in ipairs(paths) do
        local device, result = process:open(path)
        if (index > 2) == (version == "v39") then
          expect(device):differs_from(nil)
        else
          expect(device):is_nil()
          expect(result.errno):equals("ENOENT")
        end
      end
    end)

    it("uses the sections it has room for", function()
      local numa = {}
      for node = 1, 10 do numa[node] = "64 KiB" end
      machine = sgx.machine { numa = numa, driver = version }
      expect(machine.epc.total):equals(version == "v39" and 160 or 128)
    end)

    it("says EIO of a lost enclave: each time anew, for ever, or EFAULT", function()
      created(version)
      machine:power_cycle()
      expect(add {}.errno):equals("EIO")
      expect(add {}.errno):equals(version == "v39" and "EFAULT" or "EIO")
      expect(enclave:ioctl(0x1234).errno):equals(version == "v39" and "EFAULT" or version == "reviewed" and "EIO" or "ENOTTY")
    end)
  end)
end

describe("v39", function()
  -- covers: A21
  it("stops after 1 MiB, and says so in count alone", function()
    created("v39", { epc = "2 MiB", size = 0x200000, pages = 300 })
    local result = add { pages = 300 }
    expect(result.errno):is_nil()
    expect(result.value):equals(0)
    expect(result.count):equals(0x100000)
    expect(add { offset = 0x100000, source = source + 0x100000, pages = 44 }.count):equals(44 * sgx.PAGE_SIZE)
    expect(enclave.pages):equals(300)
  end)

  -- covers: D3
  it("answers EFAULT to everything once the enclave is dead", function()
    created("v39")
    machine:inject { fault = "GP", at = { site = "leaf:EADD", nth = 2 } }
    local result = add { pages = 3 }
    expect(result.errno):equals("EIO")
    expect(result.count):equals(sgx.PAGE_SIZE)
    expect(enclave.state):equals("dead")
    expect(machine.epc.free):equals(machine.epc.total)
    expect(enclave:ioctl(0x1234).errno):equals("EFAULT")
    expect(enclave:create { size = 0x8000 }.errno):equals("EFAULT")
  end)

  it("lets nobody map a dead enclave, not even again", function()
    created("v39")
    process = machine:process()
    local shared = enclave:share(process)
    ensure(process:mmap { enclave = shared, prot = "r" }.errno):is_nil()
    machine:inject { fault = "GP", at = { site = "leaf:EADD" } }
    ensure(add {}.errno):equals("EIO")
    expect(process:mmap { enclave = shared, address = 0x50000000, length = 0x1000, prot = "r" }.errno):equals("EINVAL")
  end)

  -- covers: A20
  it("spares the enclave where the count cannot be written", function()
    created("v39")
    machine:inject { fault = "GP", at = { site = "leaf:EADD", nth = 2 } }
    expect(add { pages = 2, argument = "read_only" }.errno):equals("EFAULT")
    expect(enclave.state):equals("created")
    expect(enclave.pages):equals(1)
    expect(add { offset = 0x1000, source = source + 0x1000 }.errno):is_nil()
  end)

  -- covers: A6
  it("never evicts: an empty EPC is ENOMEM", function()
    created("v39", { epc = "16 KiB" })
    local result = add { pages = 4 }
    expect(result.errno):equals("ENOMEM")
    expect(result.count):equals(3 * sgx.PAGE_SIZE)
    expect(machine.findings):is_empty()
  end)

  it("needs one page of EPC for CREATE, and says ENOMEM without it", function()
    machine = sgx.machine { epc = "4 KiB", driver = "v39" }
    process = machine:process()
    local first, second = process:open(), process:open()
    expect(first:create { size = 0x8000 }.errno):is_nil()
    expect(machine.epc.free):equals(0)
    expect(second:create { size = 0x8000 }.errno):equals("ENOMEM")
    expect(second.state):equals("empty")
    first:close()
    expect(second:create { size = 0x8000 }.errno):is_nil()
  end)

  it("checks the SECS itself, and no leaf runs", function()
    created("v39")
    local other = process:open()
    local leaves = machine:visits("leaf:ECREATE")
    for _, options in ipairs {
      { size = 0x1000 }, { size = 0x3000 }, { base = 0x7e0000001000 }, { miscselect = 2 }, { attributes = 5 }, { xfrm = 1 },
      { ssa_frame_size = 0 }, { reserved_byte = 40 }, { reserved_byte = 4095 },
    } do
      options.size = options.size or 0x8000
      expect(other:create(options).errno):equals("EINVAL")
    end
    expect(machine:visits("leaf:ECREATE")):equals(leaves)
  end)
end)

describe("a behaviour switched by name", function()
  -- covers: A17
  it("cures 6.1.192 of the page it leaks after a failed EEXTEND", function()
    created("6.1.192", { behaviours = { lowersChildCountAfterFailedExtend = true } })
    expect(machine.driver):equals("6.1.192+lowersChildCountAfterFailedExtend")
    machine:inject { fault = "power", at = { site = "leaf:EEXTEND" } }
    expect(add {}.errno):equals("EIO")
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.log.warnings):is_empty()
  end)

  -- covers: A17
  it("is needed for that", { expect_finding = { "child-count", "release-complete", "quiet" } }, function()
    created("6.1.192")
    machine:inject { fault = "power", at = { site = "leaf:EEXTEND" } }
    expect(add {}.errno):equals("EIO")
    enclave:close()
    expect(machine.epc.leaked):equals(1)
    expect(machine.log.warnings):has_length(2)
  end)

  it("makes the newest driver as old as the first", function()
    created("7.2.13", { behaviours = { capsAddPages = true, hasVersionArrays = false, reclaims = false }, epc = "2 MiB", size = 0x200000, pages = 300 })
    expect(enclave.version_arrays):equals(0)
    expect(add { pages = 300 }.count):equals(0x100000)
  end)
end)
