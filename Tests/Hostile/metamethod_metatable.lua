-- expect: metamethod '__metatable' is not available
setmetatable({}, { __metatable = false })
