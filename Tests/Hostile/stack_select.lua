-- pass
local function f(...) return select('#', ...) end local t = {} for i = 1, 60000 do t[i] = i end assert(f(table.unpack(t)) == 60000)
