-- pass
local t = {1, 2, 3, 4}
table.move(t, 1, 3, 2, t)
assert(table.concat(t) == '1123')
table.move(t, 2, 4, 1, t)
assert(table.concat(t) == '1233')
