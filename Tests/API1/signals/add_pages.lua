-- A signal and ADD_PAGES: before the first page it decides how the call ends, after it the call ends early and well.
local sgx = require "sgx"

local machine, process, enclave, source

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  source = process:map { pages = 6, fill = 0x90 }
end)

local function add(offset)
  offset = offset or 0
  return enclave:add_pages {
    source = source + offset, offset = offset, length = 0x6000 - offset, secinfo = { permissions = "rx" },
  }
end

-- A signal sent to a process in user mode would be handled before the call: this one arrives when the kernel first asks.
local function arrives(signal) machine:inject { signal = signal, at = { site = "signal_poll", nth = 1 } } end

describe("before the first page", function()
  -- covers: A3
  it("a handler ends the call with EINTR and nothing done", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    arrives("SIGALRM")
    local result = add()
    expect(result.errno):equals("EINTR")
    expect(result.count):equals(0)
    expect(enclave.pages):equals(0)
  end)

  -- covers: A3
  it("a handler with SA_RESTART has the call made again, and user space sees a success", function()
    process:sigaction("SIGALRM", { handler = true, restart = true })
    arrives("SIGALRM")
    local result = add()
    expect(result.errno):is_nil()
    expect(result.count):equals(0x6000)
    expect(result.restarts):equals(1)
  end)

  it("only the first of two handlers decides", function()
    process:sigaction("SIGUSR1", { handler = true, restart = true })
    process:sigaction("SIGALRM", { handler = true, restart = false })
    arrives("SIGALRM")
    -- Between entering and the first poll; the lower number is delivered first.
    machine:inject { signal = "SIGUSR1", at = { site = "preemption", nth = 1 } }
    local result = add()
    expect(result.errno):is_nil()
    expect(result.restarts):equals(1)
  end)

  it("a signal that stops the process has the call made again", function()
    arrives("SIGTSTP")
    local result = add()
    expect(result.errno):is_nil()
    expect(result.restarts):equals(1)
  end)
end)

describe("after some pages", function()
  -- The fourth poll finds the signal: three pages are in.
  local function interrupted(action)
    process:sigaction("SIGALRM", action)
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = 4 } }
    return add()
  end

  -- covers: A4
  it("the call is a success that says how much was done, with SA_RESTART", function()
    local result = interrupted { handler = true, restart = true }
    expect(result.errno):is_nil()
    expect(result.count):equals(0x3000)
    expect(result.restarts):equals(0)
  end)

  -- covers: A4
  it("the call is a success that says how much was done, without SA_RESTART", function()
    local result = interrupted { handler = true, restart = false }
    expect(result.errno):is_nil()
    expect(result.count):equals(0x3000)
  end)

  it("the rest can follow, and the measurement does not know", function()
    local result = interrupted { handler = true, restart = false }
    expect(add(result.count).errno):is_nil()
    local calm = process:open()
    ensure(calm:create { size = 0x8000 }.errno):is_nil()
    calm:add_pages { source = source, offset = 0, pages = 6, secinfo = { permissions = "rx" } }
    expect(enclave.measurement):equals(calm.measurement)
  end)

  it("a signal while the last page is at work comes too late to be seen", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    -- One step to enter, five a page; after the first of the sixth page no poll is left.
    local line = machine:inject { signal = "SIGALRM", at = { site = "preemption", nth = 1 + 5 * 5 + 1 } }
    local result = add()
    expect(machine:struck(line)):equals(1)
    expect(result.errno):is_nil()
    expect(result.count):equals(0x6000)
  end)
end)

describe("a signal that is not delivered", function()
  local function undisturbed()
    local result = add()
    expect(result.errno):is_nil()
    expect(result.count):equals(0x6000)
    expect(result.restarts):equals(0)
  end

  it("because it is ignored does not interrupt", function()
    process:sigaction("SIGALRM", { ignore = true })
    arrives("SIGALRM")
    undisturbed()
  end)

  it("because its default is nothing does not interrupt", function()
    arrives("SIGCHLD")
    undisturbed()
  end)

  it("because the process was in user mode is handled before the call", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    process:send("SIGALRM")
    undisturbed()
  end)

  it("because it is blocked does not interrupt, and is handled when it is unblocked", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    process:block("SIGALRM")
    process:send("SIGALRM")
    undisturbed()
    expect(machine:trace(64)):contains("SIGALRM is pending")
    process:unblock("SIGALRM")
    expect(machine:trace(1)):contains("SIGALRM is delivered")
    expect(add().errno):equals("EBUSY")     -- the pages are there; no signal is left to end the call
  end)
end)

describe("a fatal signal", function()
  it("ends the process, its enclave is released, and all EPC comes back", function()
    machine:inject { signal = "SIGTERM", at = { site = "signal_poll", nth = 4 } }
    local result = add()
    expect(result.outcome):equals("killed")
    expect(result.killed):equals("SIGTERM")
    expect(process.alive):is_false()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.log.warnings):is_empty()
  end)

  it("cannot be blocked, ignored or handled where it is SIGKILL", function()
    process:block("SIGKILL")
    process:sigaction("SIGKILL", { ignore = true })
    arrives("SIGKILL")
    expect(add().killed):equals("SIGKILL")
  end)

  it("leaves other processes and their enclaves alone", function()
    local other = machine:process()
    local kept = other:open()
    ensure(kept:create { size = 0x8000 }.errno):is_nil()
    process:send("SIGKILL")                 -- in user mode: at once
    expect(process.alive):is_false()
    expect(kept.state):equals("created")
    local used = machine.behaviours.hasVersionArrays and 2 or 1           -- the SECS, and a version array
    expect(machine.epc.free):equals(machine.epc.total - used)
  end)
end)

describe("a signal that comes back at every poll", function()
  it("never lets a restarted call end", { expect_finding = "endless-restart" }, function()
    process:sigaction("SIGALRM", { handler = true, restart = true })
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll", every = 1 }, persistent = true }
    expect(add().outcome):equals("stopped")
  end)

  it("lets a loop of calls without SA_RESTART make no progress", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll", every = 1 }, times = 3 }
    for _ = 1, 3 do expect(add().errno):equals("EINTR") end
    expect(add().errno):is_nil()
  end)
end)
