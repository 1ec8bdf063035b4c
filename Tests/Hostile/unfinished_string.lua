-- expect: unfinished string
local a = 'abc
