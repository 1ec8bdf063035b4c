-- expect: table.move: too many elements
table.move({}, 1, 3e8 // 1, 2)
