-- expect: work limit of 50,000,000 reached (--fuel)
local sgx = require "sgx"
it("cuts a mapping with many written pages to pieces", function()
  local process = sgx.machine():process()
  while true do
    local place = process:map { pages = 20000, prot = "rw" }
    process:write(place, ("x"):rep(1 << 20))
    for page = 0, 19998, 2 do process:unmap(place + page * 4096, 4096) end
    process:unmap(place, 20000 * 4096)
  end
end)
