-- expect: work limit of 50,000,000 reached (--fuel)
while true do math.fmod(1e308, 3e-308) end
