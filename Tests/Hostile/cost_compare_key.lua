-- expect: work limit of 50,000,000 reached (--fuel)
local t, s = {[('x'):rep(1 << 20)] = 1}, ('x'):rep(1 << 20)
while true do local value = t[s] end
