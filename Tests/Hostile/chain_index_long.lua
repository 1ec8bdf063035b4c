-- expect: C stack overflow
local t = {} for i = 1, 1000 do t = setmetatable({}, {__index = t}) end
local x = t.k
