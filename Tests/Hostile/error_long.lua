-- expect: (976 KB more)
error(('x'):rep(1003520), 0)
