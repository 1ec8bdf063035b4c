-- expect: table.unpack: too many results
table.unpack({}, 1, 1e8 // 1)
