-- expect: unexpected symbol near
local a = 1

