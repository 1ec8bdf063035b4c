-- expect: work limit of 50,000,000 reached (--fuel)
local p = '[' .. ('b'):rep(100000) .. ']'
(('a'):rep(100000)):find(p)
