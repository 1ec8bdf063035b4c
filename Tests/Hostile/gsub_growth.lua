-- expect: script memory limit of 8 MiB for one string or table reached
local s = ('a'):rep(1000000) s:gsub('.', ('b'):rep(1000))
