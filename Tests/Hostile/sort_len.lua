-- expect: this one has __len
table.sort(setmetatable({}, { __len = function() return 1e8 // 1 end }))
