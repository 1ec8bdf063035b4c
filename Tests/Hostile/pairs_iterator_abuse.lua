-- pass
local it, t = pairs({ 1, 2 }) assert(not pcall(it)) assert(not pcall(it, 1)) it(t) it(t) it(t) it(t)
