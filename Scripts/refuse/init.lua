-- INIT fails in many ways, and each leaves the enclave created: it can be loaded further, and INIT can be asked again.
local sgx = require "sgx"

-- What is known of v39's INIT is the text of version 37.
local fault_destroys = { "v39", reason = "a fault of EINIT destroys the enclave, and INIT says EFAULT" }

local machine, process, enclave, source

local function loaded(options)
  options = options or {}
  options.size = 0x8000
  local new = process:open()
  ensure(new:create(options).errno):is_nil()
  ensure(new:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "rx" } }.errno):is_nil()
  return new
end

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  source = process:map { pages = 2, fill = 0x90 }
  enclave = loaded()
end)

-- The call fails so, the enclave is as it was, and a good INIT succeeds after it.
local function fails(errno, options)
  local good = enclave:sign()
  local measurement, free = enclave.measurement, machine.epc.free
  options.sigstruct = options.sigstruct or good
  local result = enclave:init(options)
  expect(result.errno):equals(errno)
  expect(enclave.state):equals("created")
  expect(enclave.measurement):equals(measurement)
  expect(machine.epc.free):equals(free)
  machine:cancel_injections()
  expect(enclave:init { sigstruct = good }.errno):is_nil()
  enclave:close()
  enclave = loaded()
end

describe("INIT in the wrong state", function()
  it("is EINVAL before CREATE and after INIT, whatever the argument is", function()
    local signed = enclave:sign()
    local empty = process:open()
    expect(empty:init { sigstruct = signed, argument = "unreadable" }.errno):equals("EINVAL")
    ensure(enclave:init { sigstruct = signed }.errno):is_nil()
    expect(enclave:init { sigstruct = signed, argument = "unreadable" }.errno):equals("EINVAL")
  end)

  it("is EFAULT for a null pointer where the state is right", function()
    expect(enclave:ioctl(0x4008a402).errno):equals("EFAULT")
    expect(process:open():ioctl(0x4008a402).errno):equals("EINVAL")
  end)
end)

describe("INIT before EINIT", function()
  -- covers: I1
  it("is EFAULT where the argument or the SIGSTRUCT cannot be read", function()
    fails("EFAULT", { argument = "unreadable" })
    fails("EFAULT", { access = "unreadable" })
    for _, copy in ipairs { "argument", "sigstruct" } do
      machine:inject { fault = "efault", at = { site = "user_copy:" .. copy, nth = 1 } }
      fails("EFAULT", {})
    end
    expect(machine:visits("leaf:EINIT")):equals(4)      -- those of the good INITs only
  end)

  -- covers: I2
  it("is ENOMEM without memory for the buffer", function()
    machine:inject { fault = "nomem", at = { site = "allocation:sigstruct_buffer", nth = 1 } }
    fails("ENOMEM", {})
  end)

  -- covers: I3
  it("is EINVAL for a vendor that is neither 0 nor Intel's", function()
    fails("EINVAL", { sigstruct = enclave:sign { vendor = 1 } })
    expect(enclave:init { sigstruct = enclave:sign { vendor = 0x8086 } }.errno):is_nil()
  end)

  -- covers: I4
  it("is EACCES for an enclave with PROVISIONKEY or EINITTOKENKEY and no right to it", function()
    for _, attributes in ipairs { 0x14, 0x24 } do
      local privileged = loaded { attributes = attributes }
      expect(privileged:init { sigstruct = privileged:sign() }.errno):equals("EACCES")
      expect(privileged.state):equals("created")
      privileged:close()
    end
  end)

  it("says EINVAL for the vendor before EACCES for the attributes", function()
    local privileged = loaded { attributes = 0x14 }
    expect(privileged:init { sigstruct = privileged:sign { vendor = 1 } }.errno):equals("EINVAL")
    expect(privileged:init { sigstruct = privileged:sign(), access = "unreadable" }.errno):equals("EFAULT")
  end)

  -- covers: I5
  it("is EINVAL for bits that do not exist and are demanded under a mask", {
    fails_on = { "v39", reason = "looks at no reserved bits: EINIT finds the enclave without them, and INIT says EPERM" },
  }, function()
    fails("EINVAL", { sigstruct = enclave:sign { attributes = 0x44, attributes_mask = 0x40 } })
    fails("EINVAL", { sigstruct = enclave:sign { miscselect = 2, misc_mask = 2 } })
    fails("EINVAL", { sigstruct = enclave:sign { xfrm = 0x103, xfrm_mask = 0x100 } })
  end)

  it("does not mind them outside the masks", function()
    local signed = enclave:sign {
      attributes = 0x44, attributes_mask = 4, miscselect = 2, misc_mask = 0, xfrm = 0x103, xfrm_mask = 3,
    }
    expect(enclave:init { sigstruct = signed }.errno):is_nil()
  end)

  -- covers: I6
  it("is ENOMEM where the signer's key cannot be hashed, before 6.16", {
    fails_on = { from = "6.16", to = "reviewed", reason = "SHA-256 is a call of a library, which asks for no memory" },
  }, function()
    machine:inject { fault = "nomem", at = { site = "allocation:crypto", nth = 1 } }
    fails("ENOMEM", {})
  end)

  it("asks for no memory to hash the signer's key since 6.16", function()
    for _, driver in ipairs { "6.16", "6.19", "7.2.13", "reviewed" } do
      local newer = sgx.machine { epc = "256 KiB", driver = driver }
      local caller = newer:process()
      local other = caller:open()
      ensure(other:create { size = 0x8000 }.errno):is_nil()
      newer:inject { fault = "nomem", at = { site = "allocation:crypto", nth = 1 } }
      expect(other:init { sigstruct = other:sign() }.errno):is_nil()
      expect(newer:visits("allocation:crypto")):equals(0)
    end
  end)
end)

describe("EINIT says no, and INIT says EPERM", function()
  -- The code is in the trace; user space sees one errno for all of them.
  local function refused(code, options)
    fails("EPERM", options)
    local secs = machine.behaviours.hasVersionArrays and 1 or 0           -- the version array is made before it
    expect(table.concat(machine:trace(4096), "\n")):contains("EINIT page " .. secs .. ": " .. code)
    expect(machine.log.warnings):is_empty()
  end

  -- covers: I10
  it("for a SIGSTRUCT that is malformed", function()
    refused("SGX_INVALID_SIG_STRUCT", { sigstruct = enclave:sign { edit_signed = { { at = 12, byte = 0x80 } } } })
    refused("SGX_INVALID_SIG_STRUCT", { sigstruct = enclave:sign { edit_signed = { { at = 100, byte = 1 } } } })
    refused("SGX_INVALID_SIG_STRUCT", { sigstruct = enclave:sign { edit = { { at = 512, byte = 17 } } } })
    refused("SGX_INVALID_SIG_STRUCT", { sigstruct = enclave:sign { isvfamilyid = string.rep("01", 16) } })
  end)

  -- covers: I10
  it("for a signature that does not verify", function()
    for _, at in ipairs { 130, 520, 1045, 1430 } do     -- modulus, signature, Q1, Q2
      local signed = enclave:sign()
      local flipped = string.byte(signed, at + 1) ~ 1
      refused("SGX_INVALID_SIGNATURE", { sigstruct = enclave:sign { edit = { { at = at, byte = flipped } } } })
    end
    refused("SGX_INVALID_SIGNATURE", { sigstruct = enclave:sign { edit = { { at = 1026, byte = 9 } } } })
  end)

  -- covers: I10
  it("for a measurement that is not the signed one", function()
    refused("SGX_INVALID_MEASUREMENT", { sigstruct = sgx.sigstruct { enclave_hash = string.rep("00", 32) } })
    local before = enclave:sign()
    enclave:add_pages { source = source, offset = 0x1000, pages = 1, secinfo = { permissions = "rx" } }
    expect(enclave:init { sigstruct = before }.errno):equals("EPERM")
    expect(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
  end)

  -- covers: I10
  it("for attributes, MISCSELECT or XFRM that are not the signed ones under the masks", function()
    refused("SGX_INVALID_ATTRIBUTE", { sigstruct = enclave:sign { attributes = 6, attributes_mask = 2 } })
    refused("SGX_INVALID_ATTRIBUTE", { sigstruct = enclave:sign { attributes = 0, attributes_mask = 4 } })
    refused("SGX_INVALID_ATTRIBUTE", { sigstruct = enclave:sign { miscselect = 1, misc_mask = 1 } })
    refused("SGX_INVALID_ATTRIBUTE", { sigstruct = enclave:sign { xfrm = 7, xfrm_mask = 4 } })
  end)

  -- covers: I10
  it("where EEXTEND failed half-way, because no measurement is rolled back", {
    expect_finding = "child-count",
    fails_on = {
      { "v39", reason = "EIO of ADD_PAGES destroys the enclave: there is nothing left to initialise" },
      { "reviewed", reason = "a #PF of EEXTEND proves the EPC lost: every later call is EIO, and no child is left over" },
    },
  }, function()
    local twin = loaded()
    machine:inject { fault = "PF", at = { site = "leaf:EEXTEND", nth = 5 } }
    local function add(to) return to:add_pages { source = source, offset = 0x1000, pages = 1, secinfo = { permissions = "rx" } }.errno end
    expect(add(enclave)):equals("EIO")
    expect(add(enclave)):is_nil()
    expect(add(twin)):is_nil()
    expect(enclave:init { sigstruct = twin:sign() }.errno):equals("EPERM")
    expect(twin:init { sigstruct = twin:sign() }.errno):is_nil()
  end)
end)

describe("EINIT faults, and INIT says EIO", function()
  -- covers: I11
  it("without a word where the EPC was lost, as often as it is asked", { fails_on = fault_destroys }, function()
    local signed = enclave:sign()
    machine:power_cycle()
    for _ = 1, 3 do expect(enclave:init { sigstruct = signed }.errno):equals("EIO") end
    expect(enclave.state):equals("created")
    expect(machine.log.warnings):is_empty()
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  -- covers: I10
  it("but EPERM where the signature is bad as well, which EINIT finds first", function()
    local bad = enclave:sign { edit = { { at = 1026, byte = 9 } } }
    machine:power_cycle()
    expect(enclave:init { sigstruct = bad }.errno):equals("EPERM")
  end)

  -- covers: I12
  it("with one warning a boot for any other fault", { fails_on = fault_destroys }, function()
    machine:inject { fault = "GP", at = { site = "leaf:EINIT", nth = 1 }, times = 2 }
    local signed = enclave:sign()
    for _ = 1, 2 do expect(enclave:init { sigstruct = signed }.errno):equals("EIO") end
    expect(machine.log.warnings):has_length(1)
    expect(machine.log.warnings):contains("EINIT")
    expect(machine.log.warnings[1].text):equals("EINIT returned 1073741837 (0x4000000d)")
    expect(enclave:init { sigstruct = signed }.errno):is_nil()
  end)
end)

describe("what a script may say of INIT", function()
  it("has its mistakes named", function()
    local function message(body) return (select(2, pcall(body))) end
    expect(message(function() enclave:init {} end)):contains("field 'sigstruct' is missing")
    expect(message(function() enclave:init { sigstruct = "short" } end)):contains("a SIGSTRUCT has 1808 bytes, got 5")
    expect(message(function() enclave:sign { attribute = 4 } end)):contains("unknown field 'attribute'; did you mean 'attributes'?")
    expect(message(function() sgx.sigstruct {} end)):contains("field 'enclave_hash' is missing")
    expect(message(function() enclave:sign { vendor = 1 << 32 } end)):contains("field 'vendor' has 32 bits")
    expect(message(function() sgx.sigstruct { enclave_hash = "00" } end)):contains("must be 32 bytes or 64 hexadecimal digits")
    expect(message(function() process:open():sign() end)):contains("there is no measurement")
    expect(message(function() enclave:sign { key = "mine" } end)):contains("no key is called 'mine'")
  end)
end)
