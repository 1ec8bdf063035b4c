-- expect: work limit of 50,000,000 reached (--fuel)
local s = ('x'):rep(1000000)
while true do utf8.len(s) end
