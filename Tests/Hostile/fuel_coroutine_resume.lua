-- expect: work limit of 50,000,000 reached (--fuel)
while true do coroutine.resume(coroutine.create(function() while true do end end)) end
