-- expect: work limit of 50,000,000 reached (--fuel)
local function f() return f() end f()
