-- expect: work limit of 50,000,000 reached (--fuel)
local i = 0
while true do i = i + 1 local s = 'a' .. i end
