-- expect: work limit of 50,000,000 reached (--fuel)
local function f(...) while true do local n = {...} end end
local t = {} for i = 1, 60000 do t[i] = i end
f(table.unpack(t))
