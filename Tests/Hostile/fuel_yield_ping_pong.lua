-- expect: work limit of 50,000,000 reached (--fuel)
local c = coroutine.wrap(function() while true do coroutine.yield() end end)
while true do c() end
