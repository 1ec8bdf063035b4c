-- flags: --model-memory 64
-- expect: model memory limit of 64 MiB reached (--model-memory)
local sgx = require "sgx"
it("adds gigabytes to an EPC of a megabyte", function()
  local process = sgx.machine { epc = "1 MiB" }:process()
  local enclave, pages = process:open(), 1 << 15
  ensure(enclave:create { size = pages * 4096 }.errno):is_nil()
  local source = process:map { pages = 256 }
  for page = 0, pages - 256, 256 do
    enclave:add_pages { source = source, offset = page * 4096, pages = 256, measure = false, secinfo = { permissions = "r" } }
  end
end)
