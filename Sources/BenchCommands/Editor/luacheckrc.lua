-- What scenarios of sgxbench may use, for luacheck. Nothing can be replaced: every name is read-only. sgx is no global: a scenario says
-- local sgx = require "sgx".
stds.sgxbench = {
  read_globals = {
    --[[words]]
    "_VERSION", "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset",
    "require", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
    _G = { other_fields = true },
    string = {
      fields = {
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep", "reverse", "sub", "unpack",
        "upper",
      },
    },
    table = { fields = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" } },
    math = {
      fields = {
        "abs", "acos", "asin", "atan", "ceil", "cos", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger", "min", "mininteger",
        "modf", "pi", "sin", "sqrt", "tan", "tointeger", "type", "ult",
      },
    },
    coroutine = { fields = { "close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield" } },
    utf8 = { fields = { "char", "charpattern", "codepoint", "codes", "len", "offset" } },
  },
}

std = "sgxbench"
exclude_files = { ".sgxbench/**" }
-- How long a line may be is no business of the bench.
max_line_length = false
