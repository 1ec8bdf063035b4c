-- expect: metamethod '__concat' is not available
local m = {} setmetatable({}, m) rawset(m, '__concat', print) setmetatable({}, m)
