-- pass
local s = ('x'):rep(1000) for i = 1, 5000 do print(s) end
