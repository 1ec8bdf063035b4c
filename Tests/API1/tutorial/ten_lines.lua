local sgx = require "sgx"
it("keeps seven pages where a signal comes before the eighth", function()
  local machine = sgx.machine { epc = "256 KiB" }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = "64 KiB" }.errno):is_nil()
  process:sigaction("SIGALRM", { handler = true })
  machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = 8 } }
  local load = { source = process:map { pages = 16 }, offset = 0, pages = 16, secinfo = { permissions = "r" } }
  expect(enclave:add_pages(load).count):equals(7 * sgx.PAGE_SIZE)
end)
