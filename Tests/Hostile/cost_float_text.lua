-- expect: work limit of 50,000,000 reached (--fuel)
local x = 1.2345e300
while true do local s = x .. '' end
