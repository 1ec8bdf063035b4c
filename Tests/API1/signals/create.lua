-- A signal and CREATE: it is looked for only where a page of EPC has to be evicted first.
local sgx = require "sgx"

local never_evicts = { "v39", reason = "13/24 evicts nothing: a full EPC is ENOMEM, signal or not" }

local machine, process, loaded, enclave

-- An EPC whose last page but `left` is taken by an enclave that could be evicted.
local function full(left)
  machine = sgx.machine { epc = 24 * sgx.PAGE_SIZE, ksgxd = "manual" }
  process = machine:process()
  loaded = process:open()
  ensure(loaded:create { size = 0x20000 }.errno):is_nil()
  local pages = machine.epc.free - left
  ensure(loaded:add_pages {
    source = process:map { pages = pages, fill = 0x90 }, offset = 0, pages = pages, secinfo = { permissions = "rw" },
  }.errno):is_nil()
  enclave = process:open()
end

local function create() return enclave:create { size = 0x8000, base = 0x20000000 } end

describe("a signal while CREATE looks for a page", function()
  -- covers: C6
  it("for its version array has the call made again with SA_RESTART", { fails_on = never_evicts }, function()
    full(0)
    process:sigaction("SIGALRM", { handler = true, restart = true })
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll" } }
    local result = create()
    expect(result.errno):is_nil()
    expect(result.restarts):equals(1)
    expect(loaded.evicted):equals(16)
  end)

  -- covers: C9
  it("for its SECS gives the version array back, and is EINTR without SA_RESTART", { fails_on = never_evicts }, function()
    full(1)
    process:sigaction("SIGALRM", { handler = true, restart = false })
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll" } }
    expect(create().errno):equals("EINTR")
    expect(enclave.state):equals("empty")
    expect(machine.epc.free):equals(1)
    expect(loaded.evicted):equals(0)
    expect(create().errno):is_nil()
  end)

  it("is not looked for where a page is free", function()
    full(3)
    process:sigaction("SIGALRM", { handler = true, restart = false })
    local line = machine:inject { signal = "SIGALRM", at = { site = "signal_poll" } }
    expect(create().errno):is_nil()
    expect(machine:struck(line)):equals(0)
  end)
end)
