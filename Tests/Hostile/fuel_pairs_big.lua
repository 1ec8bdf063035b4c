-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 100000 do t[i] = i end
while true do for k in pairs(t) do break end end
