-- expect: script memory limit of 64 MiB reached (--memory)
local s = 'x' while true do s = s .. s end
