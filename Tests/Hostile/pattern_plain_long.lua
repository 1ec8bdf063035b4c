-- expect: work limit of 50,000,000 reached (--fuel)
local s, n = ('a'):rep(1000000), ('a'):rep(500000) .. 'b'
while true do s:find(n, 1, true) end
