-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 200 do t[i] = i end
while true do select('#', table.unpack(t)) end
