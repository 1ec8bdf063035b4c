-- expect: next(t, key) is not available
next({}, 1)
