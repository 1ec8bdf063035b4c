-- expect: work limit of 50,000,000 reached (--fuel)
local s, p = ('a'):rep(1 << 20), 'b' .. ('a'):rep(255)
while true do s:find(p, 1, true) end
