-- expect: work limit of 50,000,000 reached (--fuel)
local f = (' '):rep(1 << 20)
while true do string.pack(f) end
