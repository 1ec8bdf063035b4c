-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 100 do t[i] = 1.2345e300 end
while true do table.concat(t) end
