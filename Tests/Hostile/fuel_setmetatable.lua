-- expect: work limit of 50,000,000 reached (--fuel)
while true do setmetatable({}, { __index = {} }) end
