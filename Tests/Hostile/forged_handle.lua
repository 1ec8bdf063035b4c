-- expect: attempt to index a nil value
local u = nil local _ = u.x
