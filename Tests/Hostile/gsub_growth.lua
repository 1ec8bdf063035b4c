-- expect: script memory limit of 64 MiB reached (--memory)
local s = ('a'):rep(1000000) s:gsub('.', ('b'):rep(1000))
