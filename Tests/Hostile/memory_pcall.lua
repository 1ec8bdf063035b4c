-- expect: script memory limit of 8 MiB for one string or table reached
while true do pcall(function() local s = 'x' while true do s = s .. s end end) end
