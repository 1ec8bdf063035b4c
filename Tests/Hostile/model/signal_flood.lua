-- expect: work limit of 50,000,000 reached (--fuel)
local sgx = require "sgx"
it("sends signals", function()
  local process = sgx.machine():process()
  process:sigaction("SIGUSR1", { handler = true })
  while true do process:send("SIGUSR1") end
end)
