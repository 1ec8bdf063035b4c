-- pass
local c c = coroutine.create(function() local ok, e = coroutine.resume(c) assert(not ok) end) assert(coroutine.resume(c))
