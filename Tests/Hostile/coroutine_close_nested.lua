-- expect: work limit of 50,000,000 reached (--fuel)
local co
for i = 1, 50000 do local before = co co = coroutine.create(function() return before end) coroutine.resume(co) coroutine.create(function() return co end) end
local t = {} for i = 1, 2000 do t[i] = coroutine.create(print) end
