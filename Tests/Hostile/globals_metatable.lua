-- expect: belongs to the bench and cannot be changed
setmetatable(_G, nil)
