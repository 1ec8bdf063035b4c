-- expect: work limit of 50,000,000 reached (--fuel)
local a, b = ('x'):rep(1 << 20), ('x'):rep(1 << 20)
while true do local same = a == b end
