-- expect: work limit of 50,000,000 reached (--fuel)
local s = ('x'):rep(100000)
while true do string.byte(s, 1, -1) end
