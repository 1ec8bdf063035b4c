-- expect: attempt to index a boolean value
getmetatable('').__concat = function() end
