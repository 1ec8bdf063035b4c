-- PROVISION: a descriptor of /dev/sgx_provision is the proof of right, and INIT the place where the right counts.
local sgx = require "sgx"

local keeps_right = "CREATE adds to what INIT allows: the right of an earlier PROVISION is kept"

local machine, process, device

-- The provisioning device, by the name that the version gives it.
local function open_device(caller)
  return caller:open(machine.behaviours.hasDeviceDirectory and "/dev/sgx/provision" or "/dev/sgx_provision")
end

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  device = open_device(process)
end)

local PROVISIONKEY = 0x10

local function create(enclave)
  ensure(enclave:create { size = 0x8000, attributes = 4 | PROVISIONKEY }.errno):is_nil()
  return enclave
end

local function init(enclave) return enclave:init { sigstruct = enclave:sign() }.errno end

describe("PROVISION", function()
  it("between CREATE and INIT gives the right, and the device may be closed again", function()
    local enclave = create(process:open())
    expect(init(enclave)):equals("EACCES")
    expect(enclave:provision { descriptor = device }.errno):is_nil()
    expect(enclave.attributes_mask & PROVISIONKEY):equals(PROVISIONKEY)
    expect(device:close().errno):is_nil()
    expect(init(enclave)):is_nil()
  end)

  it("before CREATE succeeds and is lost, in Linux", {
    fails_on = { { "v39", reason = keeps_right }, { "reviewed", reason = keeps_right } },
  }, function()
    local enclave = process:open()
    expect(enclave:provision { descriptor = device }.errno):is_nil()
    create(enclave)
    expect(enclave.attributes_mask & PROVISIONKEY):equals(0)
    expect(init(enclave)):equals("EACCES")
    expect(enclave:provision { descriptor = device }.errno):is_nil()
    expect(init(enclave)):is_nil()
  end)

  it("before CREATE counts in v39 and in the driver that the review asks for", function()
    for _, driver in ipairs { "v39", "reviewed" } do
      local other = sgx.machine { epc = "256 KiB", driver = driver }
      local caller = other:process()
      local enclave = caller:open()
      local path = driver == "v39" and "/dev/sgx/provision" or "/dev/sgx_provision"
      expect(enclave:provision { descriptor = caller:open(path) }.errno):is_nil()
      create(enclave)
      expect(init(enclave)):is_nil()
    end
  end)

  it("after INIT succeeds and is useless, and twice is as good as once", function()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    ensure(init(enclave)):is_nil()
    for _ = 1, 2 do expect(enclave:SGX_IOC_ENCLAVE_PROVISION { descriptor = device }.errno):is_nil() end
  end)

  it("gives no right to EINITTOKENKEY", function()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000, attributes = 0x24 }.errno):is_nil()
    expect(enclave:provision { descriptor = device }.errno):is_nil()
    expect(init(enclave)):equals("EACCES")
  end)

  it("is EFAULT where the argument cannot be read", function()
    local enclave = create(process:open())
    expect(enclave:provision { descriptor = device, argument = "unreadable" }.errno):equals("EFAULT")
    machine:inject { fault = "efault", at = { site = "user_copy:argument", nth = 1 } }
    expect(enclave:provision { descriptor = device }.errno):equals("EFAULT")
    expect(enclave.attributes_mask & PROVISIONKEY):equals(0)
  end)

  it("is EINVAL for a descriptor that is closed, or leads elsewhere", function()
    local enclave = create(process:open())
    local number = device.descriptor
    expect(enclave:provision { descriptor = 99 }.errno):equals("EINVAL")
    expect(enclave:provision { descriptor = -1 }.errno):equals("EINVAL")
    expect(enclave:provision { descriptor = enclave }.errno):equals("EINVAL")
    device:close()
    expect(enclave:provision { descriptor = number }.errno):equals("EINVAL")
    expect(enclave.attributes_mask & PROVISIONKEY):equals(0)
  end)

  it("looks at the low 32 bits of the descriptor only", function()
    local enclave = create(process:open())
    expect(enclave:provision { descriptor = 0xabcd << 32 | device.descriptor }.errno):is_nil()
  end)
end)

describe("/dev/sgx_provision", function()
  it("has no ioctl", function()
    expect(device:ioctl(0x4008a400).errno):equals("ENOTTY")
    expect(device:ioctl(0x1234).errno):equals("ENOTTY")
  end)

  it("is as good through a second descriptor, and gone with the last", function()
    local enclave = create(process:open())
    local copy = device:dup()
    expect(copy.descriptor):differs_from(device.descriptor)
    device:close()
    expect(enclave:provision { descriptor = copy }.errno):is_nil()
    local number = copy.descriptor
    copy:close()
    expect(enclave:provision { descriptor = number }.errno):equals("EINVAL")
  end)

  it("may be opened by one process and used by another, which was sent it", function()
    local other = machine:process()
    local enclave = create(other:open())
    expect(enclave:provision { descriptor = device.descriptor + 8 }.errno):equals("EINVAL")
    local sent = device:share(other)
    process:send("SIGKILL")
    expect(enclave:provision { descriptor = sent }.errno):is_nil()
    expect(init(enclave)):is_nil()
  end)
end)

describe("an enclave that was sent to another process", function()
  it("is one enclave: each may go on where the other stopped", function()
    local enclave = create(process:open())
    local other = machine:process()
    local theirs = enclave:share(other)
    expect(theirs.state):equals("created")
    expect(theirs:provision { descriptor = open_device(other) }.errno):is_nil()
    local source = other:map { pages = 1 }
    expect(theirs:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }.errno):is_nil()
    expect(init(enclave)):is_nil()
    expect(theirs.state):equals("initialized")
    enclave:close()
    local used = machine.behaviours.hasVersionArrays and 3 or 2           -- the SECS, a page, and a version array
    expect(machine.epc.free):equals(machine.epc.total - used)
    theirs:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  it("is busy for both while one is inside", function()
    local enclave = create(process:open())
    local theirs = enclave:share(machine:process())
    local source = process:map { pages = 2 }
    local first = machine:task(function()
      return enclave:add_pages { source = source, offset = 0, pages = 2, secinfo = { permissions = "r" } }
    end)
    local second = machine:task(function() return theirs:provision { descriptor = 99 } end)
    machine:run { schedule = { 1, 2 } }
    expect(first.result.errno):is_nil()
    expect(second.result.errno):equals("EBUSY")
  end)
end)
