-- expect: work limit of 50,000,000 reached (--fuel)
local t = {}
for i = 1, 20 do t[('x'):rep(1 << 20) .. (20 - i)] = i end
while true do pairs(t) end
