-- expect: work limit of 50,000,000 reached (--fuel)
local t = setmetatable({}, { __index = function(t, k) while true do end end })
print(pcall(function() return t.x end))
