-- expect: table.concat: 1 to
table.concat({}, '', 1, 2^53 // 1)
