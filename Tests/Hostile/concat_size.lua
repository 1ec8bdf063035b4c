-- expect: table.concat: result larger than 1 MiB
local t, s = {}, ('x'):rep(100000) for i = 1, 100 do t[i] = s end
table.concat(t)
