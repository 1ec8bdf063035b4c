-- expect: work limit of 50,000,000 reached (--fuel)
local x, y = 1e308, 3e-308
while true do local z = x % y end
