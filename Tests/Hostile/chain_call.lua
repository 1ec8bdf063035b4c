-- expect: metamethod '__call' must be a function, not a table
local t = function() end
for i = 1, 200 do t = setmetatable({}, {__call = t}) end
while true do t() end
