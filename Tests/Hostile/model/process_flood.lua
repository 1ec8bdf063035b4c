-- expect: work limit of 50,000,000 reached (--fuel)
local sgx = require "sgx"
it("makes processes", function()
  local machine = sgx.machine()
  while true do machine:process() end
end)
