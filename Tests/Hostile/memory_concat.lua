-- expect: script memory limit of 8 MiB for one string or table reached
local s = 'x' while true do s = s .. s end
