-- expect: script memory limit of 64 MiB reached (--memory)
local c = coroutine.wrap(function() local t = {} for i = 1, 1e9 do t[i] = {} end end) c()
