-- flags: --model-memory 64
-- expect: model memory limit of 64 MiB reached (--model-memory)
local sgx = require "sgx"
it("writes, and catches what can be caught", function()
  local process = sgx.machine():process()
  local place = process:map { length = 1 << 30, prot = "rw" }
  local page = 0
  while true do
    pcall(process.write, process, place + page * 4096, ("x"):rep(4096))
    page = (page + 1) % (1 << 18)
  end
end)
