-- expect: close_attribute.lua:2: '<close>' is not available
local x <close> = nil
