-- pass
local sgx = require "sgx"
it("is refused by the driver, not by a limit", function()
  local process = sgx.machine { epc = "1 TiB" }:process()
  local enclave = process:open()
  ensure(enclave:create { size = "64 KiB" }.errno):is_nil()
  local source = process:map { pages = 1 }
  expect(enclave:add_pages { source = source, offset = 0, length = 1 << 40, secinfo = { permissions = "r" } }.errno):equals("EINVAL")
end)
