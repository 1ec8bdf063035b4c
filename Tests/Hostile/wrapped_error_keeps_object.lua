-- pass
local e = {} local ok, got = pcall(coroutine.wrap(function() error(e) end)) assert(not ok and got == e)
