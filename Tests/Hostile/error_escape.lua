-- expect: \x1b[2J
error('\27[2J', 0)
