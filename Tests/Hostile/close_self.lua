-- expect: cannot close a coroutine that is running
local c c = coroutine.create(function() coroutine.close(c) end) local ok, e = coroutine.resume(c) error(e, 0)
