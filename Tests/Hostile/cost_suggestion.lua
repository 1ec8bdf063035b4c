-- expect: work limit of 50,000,000 reached (--fuel)
local letters = ('x'):rep(36)
for i = 1000, 2900 do _ENV[letters .. i] = 1 end
local function f() return xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx9999 end
while true do pcall(f) end
