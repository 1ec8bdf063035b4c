-- expect: attempt to index a boolean value
getmetatable(string).__index.rep = nil
