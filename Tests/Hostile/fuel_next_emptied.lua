-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 200000 do t['k' .. i] = 1 end
for i = 1, 200000 do t['k' .. i] = nil end
while true do local _ = next(t) end
