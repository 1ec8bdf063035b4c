-- expect: work limit of 50,000,000 reached (--fuel)
while true do string.pack('c1000000', '') end
