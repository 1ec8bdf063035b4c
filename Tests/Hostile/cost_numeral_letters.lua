-- expect: work limit of 50,000,000 reached (--fuel)
local a = ('a'):rep(1 << 20)
local function f() return a - 1 end
while true do pcall(f) end
