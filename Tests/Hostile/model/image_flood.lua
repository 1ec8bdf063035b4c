-- flags: --model-memory 64
-- expect: (--
local sgx = require "sgx"
it("makes images", function()
  local bytes = ("\127ELF"):rep(1 << 17)
  while true do pcall(sgx.image_from, bytes, { name = "a" }) end
end)
