-- expect: work limit of 50,000,000 reached (--fuel)
local a = ('0'):rep(1 << 20) .. '1'
while true do math.abs(a) end
