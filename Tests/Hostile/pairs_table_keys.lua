-- expect: pairs over keys of type table
for k in pairs({ [{}] = 1 }) do end
