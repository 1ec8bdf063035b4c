-- expect: C stack overflow
local function f() local ok, e = coroutine.resume(coroutine.create(f)) if not ok then error(e, 0) end end f()
