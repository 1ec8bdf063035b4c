-- expect: metamethod '__concat' is not available
local function grow(n) if n > 0 then return 1 + grow(n - 1) end return 0 end
local t = setmetatable({}, { __concat = function() grow(3000) return 'r' end })
local s = 'a' .. t .. 'c'
