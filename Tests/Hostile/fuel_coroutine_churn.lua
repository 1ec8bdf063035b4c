-- expect: work limit of 50,000,000 reached (--fuel)
while true do coroutine.wrap(function() for i = 1, 900 do end end)() end
