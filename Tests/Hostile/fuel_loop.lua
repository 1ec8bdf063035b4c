-- expect: fuel_loop.lua:2: work limit of 50,000,000 reached (--fuel)
while true do end
