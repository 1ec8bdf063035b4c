-- expect: pairs over keys of type function
for k in pairs({ [print] = 1 }) do end
