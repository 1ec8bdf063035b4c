-- pass
for i = 1, 5000 do local c = coroutine.wrap(function() coroutine.yield() end) c() end
