-- expect: C stack overflow
local function f() return (('a'):gsub('a', f)) end f()
