-- expect: attempt to call a nil value
local _ENV = {} print(1)
