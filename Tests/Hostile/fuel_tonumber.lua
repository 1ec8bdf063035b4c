-- expect: work limit of 50,000,000 reached (--fuel)
local s = (' '):rep(1000000)
while true do tonumber(s) end
