-- flags: --model-memory 64
-- expect: model memory limit of 64 MiB reached (--model-memory)
local sgx = require "sgx"
it("maps bytes", function()
  local process, bytes = sgx.machine():process(), ("x"):rep(1 << 20)
  while true do process:map { bytes = bytes, pages = 256 } end
end)
