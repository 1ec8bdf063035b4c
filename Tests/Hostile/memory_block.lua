-- expect: script memory limit of 8 MiB for one string or table reached
local t = {} for i = 1, 1e9 do t[i] = i end
