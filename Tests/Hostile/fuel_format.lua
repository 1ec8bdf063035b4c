-- expect: work limit of 50,000,000 reached (--fuel)
while true do string.format('%99d %s', 1, ('x'):rep(1000)) end
