-- pass
local t, n = {}, 0 for i = 1, 2000 do t[i] = (i * 7919) % 2003 end
table.sort(t, function() n = n + 1 return n % 3 == 0 end)
assert(n < 2000 * 12)
