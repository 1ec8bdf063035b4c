-- expect: work limit of 50,000,000 reached (--fuel)
local s = ('X'):rep(1 << 20)
while true do s:lower() end
