-- expect: script memory limit of 64 MiB reached (--memory)
while true do pcall(function() local t = {} while true do t = { t } end end) end
