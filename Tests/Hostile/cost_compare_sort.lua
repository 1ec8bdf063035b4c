-- expect: work limit of 50,000,000 reached (--fuel)
local t = {}
for i = 1, 20 do t[i] = ('x'):rep(1 << 20) .. i end
while true do table.sort(t) end
