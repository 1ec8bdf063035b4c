-- expect: names may use only A-Z a-z 0-9 _ (found 'é')
local é = 1
