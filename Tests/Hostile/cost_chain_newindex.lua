-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 100 do t = setmetatable({}, {__newindex = t}) end
while true do t.k = nil end
