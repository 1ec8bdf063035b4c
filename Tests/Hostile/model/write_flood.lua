-- flags: --model-memory 64
-- expect: model memory limit of 64 MiB reached (--model-memory)
local sgx = require "sgx"
it("writes to page after page", function()
  local process = sgx.machine():process()
  local place = process:map { length = 1 << 30, prot = "rw" }
  for page = 0, (1 << 18) - 1 do process:write(place + page * 4096, "x") end
end)
