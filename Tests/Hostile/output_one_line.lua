-- pass
print(('x'):rep(1048576))
