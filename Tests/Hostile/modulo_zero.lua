-- expect: modulo_zero.lua:4: attempt to perform 'n%0'
local a, b = 1, 0

return a % b
