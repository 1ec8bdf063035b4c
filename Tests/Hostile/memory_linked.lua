-- expect: script memory limit of 64 MiB reached (--memory)
local t = {} while true do t = { t } end
