-- expect: unfinished long string
local a = [==[ abc ]=]
