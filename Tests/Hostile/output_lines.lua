-- pass
for i = 1, 100000 do print() end
