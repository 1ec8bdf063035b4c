-- A second lesson: a signal arrives during a load. Nothing is lost: the call says how far it came, and a loop goes on from there.
local sgx = require "sgx"

describe("a load that is interrupted", function()
  it("goes on where it stopped", function()
    local machine = sgx.machine { epc = "256 KiB" }          -- 64 pages of EPC
    local process = machine:process()
    local enclave = process:open()                           -- the device, by the name this driver gives it
    ensure(enclave:create { size = 0x10000 }.errno):is_nil()

    -- The timer's handler runs, and without SA_RESTART a call that has done nothing yet says EINTR.
    process:sigaction("SIGALRM", { handler = true, restart = false })
    -- The driver asks for signals before each page; the alarm is there when it asks for the sixth time: five pages are in.
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = 6 } }

    local source, length = process:map { pages = 16, fill = 0x90 }, 16 * sgx.PAGE_SIZE
    local done, calls = 0, 0
    repeat
      local result = enclave:add_pages {
        source = source + done, offset = done, length = length - done, secinfo = { permissions = "rx" },
      }
      ensure(result.errno):is_nil()                          -- interrupted or not: the call is a success
      done = done + result.count                             -- only the count says how much was done
      calls = calls + 1
      if calls == 1 then expect(done):equals(5 * sgx.PAGE_SIZE) end
    until done == length

    expect(calls):equals(2)
    expect(enclave.pages):equals(16)
  end)
end)
