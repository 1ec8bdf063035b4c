-- expect: work limit of 50,000,000 reached (--fuel)
local t = {} for i = 1, 60000 do t[i * 65535] = 1 end
while true do local x = t[65535 * 60001] end
