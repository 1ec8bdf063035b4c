-- expect: script memory limit of 64 MiB reached (--memory)
while true do coroutine.resume(coroutine.create(function() local t = {} while true do t = { t } end end)) end
