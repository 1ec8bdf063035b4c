Lua -- expect: is Lua bytecode
