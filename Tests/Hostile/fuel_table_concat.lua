-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 1000 do t[i] = 'xxxxxxxx' end
while true do table.concat(t) end
