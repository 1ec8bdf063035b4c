-- pass
local t = {} for i = 1, 3000 do t = setmetatable({}, { __index = t }) end
assert(not pcall(function() return t.x end))
