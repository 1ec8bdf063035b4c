-- expect: table.unpack: too many results
table.unpack({}, math.mininteger, math.maxinteger)
