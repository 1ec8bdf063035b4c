-- expect: this one has __len
table.insert(setmetatable({}, { __len = function() return 1e8 // 1 end }), 1, 1)
