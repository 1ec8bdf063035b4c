-- expect: work limit of 50,000,000 reached (--fuel)
local a = ('1'):rep(1 << 20)
while true do local x = a + 1 end
