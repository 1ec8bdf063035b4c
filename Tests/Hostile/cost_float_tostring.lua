-- expect: work limit of 50,000,000 reached (--fuel)
while true do tostring(1.2345e300) end
