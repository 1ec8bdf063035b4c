-- expect: script memory limit of 8 MiB for one string or table reached
local c = coroutine.wrap(function() local t = {} for i = 1, 1e9 do t[i] = {} end end) c()
