-- expect: work limit of 50,000,000 reached (--fuel)
local function spin() while true do end end
while true do pcall(spin) end
