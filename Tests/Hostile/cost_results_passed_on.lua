-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 60000 do t[i] = i end
local function f(n) if n == 0 then return table.unpack(t) end return 1, f(n - 1) end
while true do f(1000) end
