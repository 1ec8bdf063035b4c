-- expect: work limit of 50,000,000 reached (--fuel)
while true do pcall(coroutine.wrap(function() while true do end end)) end
