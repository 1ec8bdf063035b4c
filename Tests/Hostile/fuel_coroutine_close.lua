-- expect: work limit of 50,000,000 reached (--fuel)
while true do local c = coroutine.create(function() coroutine.yield() end) coroutine.resume(c) coroutine.close(c) end
