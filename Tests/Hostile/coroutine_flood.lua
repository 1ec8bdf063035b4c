-- expect: more than 1000 coroutines alive
local t = {} while true do t[#t + 1] = coroutine.create(print) end
