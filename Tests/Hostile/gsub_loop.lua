-- expect: work limit of 50,000,000 reached (--fuel)
local s = ('a'):rep(100000) while true do s:gsub('', '') end
