-- pass
local sgx = require "sgx"
it("interrupts two calls at every step", { expect_finding = "endless-restart" }, function()
  local machine = sgx.machine { epc = "256 KiB" }
  local process = machine:process()
  local enclave, other = process:open(), process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  ensure(other:create { size = 0x8000 }.errno):is_nil()
  local source = process:map { pages = 1 }
  process:sigaction("SIGALRM", { handler = true, restart = true })
  for _, it in ipairs { enclave, other } do
    machine:task(function()
      it:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }
    end)
  end
  machine:inject { signal = "SIGALRM", at = { site = "signal_poll", every = 1 }, persistent = true }
  machine:run()
  expect(machine.findings):contains("endless-restart")
end)
