-- expect: work limit of 50,000,000 reached (--fuel)
local a = (' '):rep(1 << 20) .. '1'
while true do local x = a * 2 end
