-- expect: stack overflow
local t = setmetatable({}, {}) local m = { __index = function(t, k) return t[k] end }
t = setmetatable({}, m) local _ = t.x
