-- expect: work limit of 50,000,000 reached (--fuel)
while true do local t = {} end
