-- expect: work limit of 50,000,000 reached (--fuel)
while true do for a in ('aaa'):gmatch('') do end end
