-- expect: work limit of 50,000,000 reached (--fuel)
local f = ('b'):rep(1 << 20)
while true do string.packsize(f) end
