---@meta _
-- What scenarios have of Lua's own functions, where that differs from Lua: see Docs/LuaHost.md. The libraries string, table, coroutine
-- and utf8 are the editor's own; string.dump does not exist here.

---@type table
_G = {}

---@type string
_VERSION = "Lua 5.4"

---@param name string Parts of a-z 0-9 _ with dots between: "sgx", or a file beneath the script's folder or its lib.
---@return any
function require(name) end

---@generic T
---@param value? T
---@param message? any
---@return T
---@return any ...
function assert(value, message, ...) end

---@param message any
---@param level? integer
function error(message, level) end

---@param f fun(...): ...
---@param ... any
---@return boolean ok
---@return any ...
function pcall(f, ...) end

---The handler runs after unwinding.
---@param f fun(...): ...
---@param handler fun(problem: any): any
---@param ... any
---@return boolean ok
---@return any ...
function xpcall(f, handler, ...) end

---Numbers in ascending order, then strings by their bytes, then false and true.
---@generic K, V
---@param t table<K, V>
---@return fun(): K, V
function pairs(t) end

---@generic V
---@param t V[]
---@return fun(t: V[], i?: integer): integer, V
---@return V[]
---@return integer
function ipairs(t) end

---Whether the table has anything in it.
---@param t table
---@return true?
function next(t) end

---@param ... any
function print(...) end

---@param a any
---@param b any
---@return boolean
function rawequal(a, b) end

---@param t table
---@param key any
---@return any
function rawget(t, key) end

---@param t table
---@param key any
---@param value any
---@return table
function rawset(t, key, value) end

---@param value table|string
---@return integer
function rawlen(value) end

---@param n integer|"#"
---@param ... any
---@return any ...
function select(n, ...) end

---The metatable is copied: what is added to it later takes effect when it is set again.
---@generic T: table
---@param t T
---@param metatable table?
---@return T
function setmetatable(t, metatable) end

---The script's own table; false for one of the bench.
---@param value any
---@return table|false|nil
function getmetatable(value) end

---@param value any
---@param base? integer
---@return number?
function tonumber(value, base) end

---Tables, functions and coroutines are numbered; there are no addresses.
---@param value any
---@return string
function tostring(value) end

---@param value any
---@return "nil"|"number"|"string"|"boolean"|"table"|"function"|"thread"|"userdata"
function type(value) end

-- No random and randomseed: sgx.random is the scenario's own stream.

math = {}
---@type number
math.pi = 3.141592653589793
---@type number
math.huge = 1e308 * 10
---@type integer
math.maxinteger = 0x7fffffffffffffff
---@type integer
math.mininteger = -0x7fffffffffffffff - 1
---@param x number
---@return number
function math.abs(x) end
---@param x number
---@return number
function math.acos(x) end
---@param x number
---@return number
function math.asin(x) end
---@param y number
---@param x? number
---@return number
function math.atan(y, x) end
---@param x number
---@return integer
function math.ceil(x) end
---@param x number
---@return number
function math.cos(x) end
---@param x number
---@return number
function math.exp(x) end
---@param x number
---@return integer
function math.floor(x) end
---@param a number
---@param b number
---@return number
function math.fmod(a, b) end
---@param x number
---@param base? number
---@return number
function math.log(x, base) end
---@param x number
---@param ... number
---@return number
function math.max(x, ...) end
---@param x number
---@param ... number
---@return number
function math.min(x, ...) end
---@param x number
---@return number whole
---@return number fraction
function math.modf(x) end
---@param x number
---@return number
function math.sin(x) end
---@param x number
---@return number
function math.sqrt(x) end
---@param x number
---@return number
function math.tan(x) end
---@param x any
---@return integer?
function math.tointeger(x) end
---@param x any
---@return "integer"|"float"|nil
function math.type(x) end
---@param a integer
---@param b integer
---@return boolean
function math.ult(a, b) end
