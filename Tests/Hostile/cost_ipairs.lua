-- expect: work limit of 50,000,000 reached (--fuel)
local t = setmetatable({}, {__index = function(_, i) return i end})
for i in ipairs(t) do end
