-- pass
local _ENV <const> = { print = print } print(1)
