-- expect: metamethod '__close' is not available
setmetatable({}, { __close = function() end })
