-- pass
local it = ('a'):gmatch('a') it() assert(it() == nil and it() == nil)
