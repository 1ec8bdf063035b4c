-- expect: work limit of 50,000,000 reached (--fuel)
local s = ('\x80'):rep(1 << 20)
local step = utf8.codes(s)
while true do pcall(step, s, 1) end
