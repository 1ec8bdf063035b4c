-- expect: work limit of 50,000,000 reached (--fuel)
local s = ('\0'):rep(1 << 20)
while true do pcall(string.format, '%q', s) end
