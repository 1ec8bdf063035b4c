-- expect: work limit of 50,000,000 reached (--fuel)
local sgx = require "sgx"
it("makes machines", function() while true do sgx.machine() end end)
