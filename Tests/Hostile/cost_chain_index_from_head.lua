-- expect: work limit of 50,000,000 reached (--fuel)
local head = {} local t = head
for i = 1, 100 do local u = {} setmetatable(t, {__index = u}) t = u end
while true do local x = head.k end
