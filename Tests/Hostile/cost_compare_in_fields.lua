-- expect: work limit of 50,000,000 reached (--fuel)
local t = {a = ('x'):rep(1 << 20), b = ('x'):rep(1 << 20)}
while true do local same = t.a == t.b end
