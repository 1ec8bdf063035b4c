-- flags: --model-memory 8
-- pass
local sgx = require "sgx"
it("writes to one page for ever, which takes one page", function()
  local process = sgx.machine():process()
  local place = process:map { pages = 1, prot = "rw" }
  for _ = 1, 20000 do process:write(place, "x") end
  expect(1):equals(1)
end)
