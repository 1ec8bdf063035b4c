-- An enclave from open to INIT: created, loaded, signed for what was measured, initialised.
local sgx = require "sgx"

local machine, process, source

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  source = process:map { pages = 4, fill = 0x90 }
end)

-- Four pages, and whatever CREATE is to know besides the size.
local function load(options)
  options = options or {}
  options.size = 0x8000
  local enclave = process:open()
  ensure(enclave:create(options).errno):is_nil()
  ensure(enclave:add_pages { source = source, offset = 0, pages = 4, secinfo = { permissions = "rx" } }.errno):is_nil()
  return enclave
end

describe("INIT", function()
  it("makes the enclave what its signer has signed", function()
    local enclave = load()
    local measurement = enclave.measurement
    expect(enclave.mrenclave):is_nil()
    expect(enclave:init { sigstruct = enclave:sign { isvprodid = 7, isvsvn = 2 } }.errno):is_nil()
    expect(enclave.state):equals("initialized")
    expect(enclave.mrenclave):equals(measurement)
    expect(enclave.mrsigner):equals("97b5c665cf89615baaf3d7f99f13a1c5b49bdb07183373f3f6e63af404e539d1")
    expect(machine.log.warnings):is_empty()
  end)

  it("takes a SIGSTRUCT that was made before the enclave was", function()
    local first = load()
    local signed = sgx.sigstruct { enclave_hash = first.measurement }
    expect(signed):has_length(1808)
    first:close()
    local second = load()
    expect(second:init { sigstruct = signed }.errno):is_nil()
    expect(second:close().errno):is_nil()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  it("knows another signer by another MRSIGNER, and asks nobody whether he may sign", function()
    local first, second = load(), load()
    ensure(first:init { sigstruct = first:sign() }.errno):is_nil()
    ensure(second:init { sigstruct = second:sign { key = "other" } }.errno):is_nil()
    expect(second.mrenclave):equals(first.mrenclave)
    expect(second.mrsigner):differs_from(first.mrsigner)
  end)

  it("accepts an enclave without pages", function()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    expect(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
  end)

  it("keeps measured and unmeasured pages apart by what was signed", function()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    enclave:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" }, measure = false }
    local unmeasured = enclave.measurement
    enclave:close()
    local other = process:open()
    ensure(other:create { size = 0x8000 }.errno):is_nil()
    other:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }
    expect(other:init { sigstruct = sgx.sigstruct { enclave_hash = unmeasured } }.errno):equals("EPERM")
    expect(other:init { sigstruct = other:sign() }.errno):is_nil()
  end)

  it("ends the loading: no CREATE, no ADD_PAGES, no second INIT", function()
    local enclave = load()
    local signed = enclave:sign()
    ensure(enclave:init { sigstruct = signed }.errno):is_nil()
    expect(enclave:create { size = 0x8000 }.errno):equals("EINVAL")
    expect(enclave:add_pages { source = source, offset = 0x4000, pages = 1, secinfo = { permissions = "rx" } }.errno):equals("EINVAL")
    expect(enclave:init { sigstruct = signed }.errno):equals("EINVAL")
    expect(enclave:SGX_IOC_ENCLAVE_INIT { sigstruct = signed }.errno):equals("EINVAL")
  end)

  it("gives everything back when it is closed", function()
    local enclave = load()
    ensure(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    local used = machine.behaviours.hasVersionArrays and 6 or 5    -- four pages, the SECS, and a version array
    expect(machine.epc.free):equals(machine.epc.total - used)
    expect(enclave:close().errno):is_nil()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.epc.valid):equals(0)
  end)
end)

describe("an event that EINIT must not mask", function()
  -- With a signal, its n-th sleep ends by it.
  local function disturbed(times, nth)
    local enclave = load()
    if nth then machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = nth } } end
    machine:inject { fault = "code", code = "SGX_UNMASKED_EVENT", at = { site = "leaf:EINIT", nth = 1 }, times = times }
    return enclave, enclave:init { sigstruct = enclave:sign() }
  end

  -- covers: I7
  it("has EINIT tried again at once, and after twenty times the kernel sleeps for 20 ms", function()
    for _, events in ipairs { 1, 19, 20, 21, 40, 999 } do
      local enclave, result = disturbed(events)
      expect(result.errno):is_nil()
      expect(result.sleeps):equals(events // 20)
      expect(enclave.state):equals("initialized")
      enclave:close()
    end
    expect(machine:trace(4096)):contains("sleeps for 20 ms")
  end)

  -- covers: I8
  it("that comes a thousand times ends in EPERM after the fiftieth sleep", function()
    local enclave, result = disturbed(1000)
    expect(result.errno):equals("EPERM")
    expect(result.sleeps):equals(50)
    expect(enclave.state):equals("created")
    expect(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
  end)

  -- covers: I9
  it("and a signal in a sleep end the call, which changed nothing", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    local enclave, result = disturbed(100, 3)
    expect(result.errno):equals("EINTR")
    expect(result.sleeps):equals(3)
    expect(enclave.state):equals("created")
    machine:cancel_injections()
    expect(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
  end)

  -- covers: I9
  it("and a signal whose handler restarts have the whole call made again", function()
    process:sigaction("SIGALRM", { handler = true, restart = true })
    local _, result = disturbed(25, 1)
    expect(result.errno):is_nil()
    expect(result.restarts):equals(1)
    expect(machine:visits("leaf:EINIT")):equals(26)
  end)

  it("leaves a signal alone where nobody sleeps", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    local _, result = disturbed(19, 1)
    expect(result.errno):is_nil()
    expect(result.sleeps):equals(0)
  end)
end)

describe("while INIT sleeps", function()
  -- covers: D1
  it("every other ioctl on the enclave is EBUSY, whatever it asks", function()
    local enclave = load()
    local signed = enclave:sign()
    local device = process:open(machine.behaviours.hasDeviceDirectory and "/dev/sgx/provision" or "/dev/sgx_provision")
    machine:inject { fault = "code", code = "SGX_UNMASKED_EVENT", at = { site = "leaf:EINIT", nth = 1 }, times = 20 }
    local results = {}
    local sleeper = machine:task(function() return enclave:init { sigstruct = signed } end)
    machine:task(function()
      results[1] = enclave:init { sigstruct = signed }
      results[2] = enclave:provision { descriptor = device }
      results[3] = enclave:add_pages { source = source, offset = 0x4000, pages = 1, secinfo = { permissions = "rx" } }
      results[4] = enclave:ioctl(0x1234)
    end)
    local schedule = {}
    for step = 1, 22 do schedule[step] = 1 end           -- one to enter, twenty tries, the sleep
    for step = 23, 26 do schedule[step] = 2 end
    machine:run { schedule = schedule }
    expect(sleeper.result.errno):is_nil()
    expect(sleeper.result.sleeps):equals(1)
    for _, result in ipairs(results) do expect(result.errno):equals("EBUSY") end
    expect(#results):equals(4)
  end)
end)
