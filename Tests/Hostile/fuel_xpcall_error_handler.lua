-- expect: work limit of 50,000,000 reached (--fuel)
xpcall(error, function() while true do end end)
