-- expect: work limit of 50,000,000 reached (--fuel)
tostring(setmetatable({}, { __tostring = function() while true do end end }))
