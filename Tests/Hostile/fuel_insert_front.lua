-- expect: work limit of 50,000,000 reached (--fuel)
local t = {}
while true do table.insert(t, 1, 0) end
