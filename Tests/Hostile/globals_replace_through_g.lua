-- expect: 'assert' belongs to the bench
_G.assert = function() end
