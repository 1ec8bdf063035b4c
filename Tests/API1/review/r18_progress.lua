-- R9, R18, R20: partial progress is well defined, and a page that is half added is nowhere to be seen.
local sgx = require "sgx"

local machine, process, enclave, source

before_each(function()
  machine = sgx.machine { epc = "4 MiB" }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x200000 }.errno):is_nil()
  source = process:map { pages = 300, prot = "r" }
end)

local function add(pages)
  return enclave:add_pages { source = source, offset = 0, pages = pages, secinfo = { permissions = "r" } }
end

describe("R9: the place in the range", function()
  -- covers: R9
  it("is taken before EADD: without memory for it the measurement is as it was", function()
    local before = enclave.measurement
    machine:inject { fault = "nomem", at = { site = "allocation:slot_map_node" } }
    expect(add(1).errno):equals("ENOMEM")
    expect(enclave.measurement):equals(before)
    expect(enclave.pages):equals(0)
    expect(add(1).errno):is_nil()
  end)
end)

describe("R18: progress", function()
  -- covers: R18
  it("is told alike for a signal and a failure", function()
    process:sigaction("SIGALRM", { handler = true })
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = 3 } }
    local interrupted = add(5)
    expect(interrupted.errno):is_nil()
    expect(interrupted.count):equals(0x2000)
    local failed = add(1)
    expect(failed.errno):equals("EBUSY")
    expect(failed.count):equals(0)
  end)

  local cap = { "v39", reason = "a call stops after 1 MiB and says 0" }
  -- covers: R18
  it("has no cap that user space is not told of", { fails_on = cap }, function()
    local result = add(300)
    expect(result.errno):is_nil()
    expect(result.count):equals(300 * sgx.PAGE_SIZE)
  end)
end)

describe("R20: a page that is half added", function()
  -- covers: R20
  it("is gone when memory, source or EADD fail", function()
    local free, count = machine.epc.free, enclave.page_count
    for _, fault in ipairs { { "nomem", "allocation:slot_map_node" }, { "efault", "user_copy:pin" } } do
      machine:inject { fault = fault[1], at = { site = fault[2] } }
      expect(add(1).errno):differs_from(nil)
      expect(enclave.pages):equals(0)
      expect(enclave.page_count):equals(count)
      expect(machine.epc.free):equals(free)
    end
    expect(add(1).errno):is_nil()
  end)

  local counted = { from = "v39", to = "7.2.13", reason = "after a failed EEXTEND the driver counts a child that is not there" }
  -- covers: R20
  it("is gone when EEXTEND fails, and is not counted", { fails_on = counted }, function()
    machine:inject { fault = "PF", at = { site = "leaf:EEXTEND", nth = 3 } }
    expect(add(1).errno):equals("EIO")
    expect(enclave.pages):equals(0)
    expect(enclave.child_count):equals(0)
  end)
end)
