-- expect: attempt to concatenate a table value
local m = {} local t = setmetatable({}, m)
m.__concat = function() return 'r' end
getmetatable(t).__concat = m.__concat
local s = 'a' .. t
