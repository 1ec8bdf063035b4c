-- expect: work limit of 50,000,000 reached (--fuel)
local mt, head = {}, {} local t = head
for i = 1, 100 do local u = {} local m = {__index = u} setmetatable({}, m) setmetatable(t, m) setmetatable({}, m) t = u end
while true do local x = head.k end
