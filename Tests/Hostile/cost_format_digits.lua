-- expect: work limit of 50,000,000 reached (--fuel)
while true do string.format('%99.99f', 1e308) end
