-- expect: string slice too long
print(('x'):rep(1048576):byte(1, -1))
