-- expect: close_attribute_spaced.lua:4: '<close>' is not available
local x <const> = 1
local y < --[[ c ]] close
> = nil
