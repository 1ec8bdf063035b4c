// The two environments. Scripts see an allow list and the prelude's names, read-only, through a table of their own; the
// prelude sees the same functions, the raw ones, and the host's tables. Written in C because a Lua prelude of this size would
// cost more to parse than everything else at start.
#include <string.h>
#include "internal.h"

// From the library as they are: bounded by their arguments, no addresses, no order of tables.
static const char *const plain_base[] = { "rawequal", "rawlen", "rawget", "select", "type", "_VERSION", NULL };
static const char *const plain_string[] = {
  "byte", "char", "len", "lower", "upper", "reverse", "sub", "pack", "packsize", "unpack", NULL
};
static const char *const plain_math[] = {
  "abs", "ceil", "floor", "max", "min", "fmod", "modf", "sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan",
  "tointeger", "type", "ult", "pi", "huge", "maxinteger", "mininteger", NULL
};
static const char *const plain_table[] = { "pack", NULL };
static const char *const plain_utf8[] = { "char", "charpattern", "codes", NULL };
static const char *const charged_utf8[] = { "codepoint", "len", "offset", NULL };
static const char *const plain_coroutine[] = { "isyieldable", "running", "status", "yield", NULL };

static void copy_fields(lua_State *L, int from, int to, const char *const *names) {
  for (; *names != NULL; names++) {
    lua_getfield(L, from, *names);
    lua_setfield(L, to, *names);
  }
}

// Opens a library and pushes a new table with the chosen parts of it.
static int open(lua_State *L, lua_CFunction opener, const char *const *names) {
  lua_pushcfunction(L, opener);
  lua_call(L, 0, 1);
  lua_createtable(L, 0, 24);
  copy_fields(L, lua_gettop(L) - 1, lua_gettop(L), names);
  return lua_gettop(L);
}

// Makes the table on top a library: for the prelude as it is, for scripts frozen. Leaves nothing.
static void publish(lua_State *L, const char *name, int trusted, int provided) {
  lh_raise_unknown_fields(L, name);
  lua_pushvalue(L, -1);
  lua_setfield(L, trusted, name);
  lh_freeze(L, name);
  lua_setfield(L, provided, name);
  lua_pop(L, 1);  // what the opener returned
}

static void build_libraries(lua_State *L, int trusted, int provided) {
  open(L, luaopen_string, plain_string);
  luaL_setfuncs(L, lh_string, 0);
  luaL_setfuncs(L, lh_pattern, 0);
  lua_getfield(L, -2, "format");
  lh_wrap_format(L);
  lua_setfield(L, -2, "format");
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);      // the library's own, with arithmetic on numerals
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lh_price_arithmetic(L);
  lua_pop(L, 2);
  lh_price_libraries(L, lua_gettop(L), "string");
  publish(L, "string", trusted, provided);

  open(L, luaopen_table, plain_table);
  luaL_setfuncs(L, lh_table, 0);
  lh_price_libraries(L, lua_gettop(L), "table");
  publish(L, "table", trusted, provided);

  lh_price_libraries(L, open(L, luaopen_math, plain_math), "math");
  publish(L, "math", trusted, provided);

  open(L, luaopen_coroutine, plain_coroutine);
  luaL_setfuncs(L, lh_coroutine, 0);
  publish(L, "coroutine", trusted, provided);

  const int utf8 = open(L, luaopen_utf8, plain_utf8);
  for (const char *const *name = charged_utf8; *name != NULL; name++) {
    lua_getfield(L, utf8 - 1, *name);
    lh_charged_original(L, *name);
    lua_setfield(L, utf8, *name);
  }
  lua_getfield(L, utf8, "codes");
  lh_price_codes(L);
  lua_setfield(L, utf8, "codes");
  lh_price_libraries(L, utf8, "utf8");
  publish(L, "utf8", trusted, provided);
}

// Pushes a table whose keys are the names the asking function has of its own: locals, and those of functions around it.
static void push_own_names(lua_State *L) {
  lua_Debug ar;
  luaL_checkstack(L, 6, "names");
  lua_createtable(L, 0, 8);
  if (!lua_getstack(L, 1, &ar)) return;
  const int names = lua_gettop(L);
  const char *name;
  for (int i = 1; (name = lua_getlocal(L, &ar, i)) != NULL; i++) {
    lua_pushboolean(L, 1);
    if (name[0] != '(') lua_setfield(L, names, name);
    lua_settop(L, names);
  }
  lua_getinfo(L, "f", &ar);
  for (int i = 1; (name = lua_getupvalue(L, names + 1, i)) != NULL; i++) {
    lua_pushboolean(L, 1);
    if (name[0] != 0 && name[0] != '(' && strcmp(name, "_ENV") != 0) lua_setfield(L, names, name);
    lua_settop(L, names + 1);
  }
  lua_settop(L, names);
}

// Read of a name nobody defined. The table asked is that of provided names, behind that of the script.
static int unknown_name(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return lh_error(L, "unknown name of type %s", luaL_typename(L, 2));
  const char *name = lua_tostring(L, 2);
  static const char *const refused[] = {
    "os", "io", "debug", "package", "load", "loadstring", "loadfile", "dofile", "collectgarbage", "warn", NULL
  };
  for (const char *const *other = refused; *other != NULL; other++) {
    if (strcmp(*other, name) == 0) {
      return lh_error(L, "unknown name '%s': Lua's own is not available in scenarios (see Docs/LuaHost.md)", name);
    }
  }
  if (strcmp(name, "sgx") == 0) return lh_error(L, "unknown name 'sgx'; begin with: local sgx = require \"sgx\"");
  push_own_names(L);
  lh_push_suggestion(L, name, lua_gettop(L), 0);
  if (lua_tostring(L, -1)[0] == 0) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SCRIPT_ENV);
    lh_push_suggestion(L, name, 1, lua_gettop(L));
  }
  return lh_error(L, "unknown name '%s'%s", name, lua_tostring(L, -1));
}

static int new_name(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_PROVIDED);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) != LUA_TNIL) {
    return lh_error(L, "'%s' belongs to the bench and cannot be replaced", lua_tostring(L, 2));
  }
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 0;
}

static void keep(lua_State *L, int slot) { lua_rawseti(L, LUA_REGISTRYINDEX, slot); }

static void new_weak(lua_State *L, int slot) {
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  keep(L, slot);
}

// A table both the registry and the prelude know.
static void new_shared(lua_State *L, int slot, int trusted, const char *name) {
  lua_createtable(L, 0, 16);
  lua_pushvalue(L, -1);
  lua_setfield(L, trusted, name);
  keep(L, slot);
}

void lh_build_sandbox(lua_State *L) {
  lua_settop(L, 0);
  lua_pushcfunction(L, luaopen_base);
  lua_call(L, 0, 1);                     // 1: the global table, of which the prelude's is made
  const int base = 1, provided = 2, trusted = 3, scripts = 4;
  lua_createtable(L, 0, 64);
  lua_createtable(L, 0, 64);
  lua_createtable(L, 0, 16);

  copy_fields(L, base, provided, plain_base);
  lua_pushvalue(L, provided);
  luaL_setfuncs(L, lh_base, 0);
  lh_push_setmetatable(L);
  lua_setfield(L, provided, "setmetatable");
  lua_getfield(L, base, "tonumber");
  lh_charged_original(L, "tonumber");
  lua_setfield(L, provided, "tonumber");
  lua_pop(L, 1);
  lh_price_libraries(L, provided, "_G");

  lua_pushnil(L);
  while (lua_next(L, provided) != 0) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, trusted);
  }
  static const char *const raw[][2] = {
    { "pairs", "rawpairs" }, { "next", "rawnext" }, { "setmetatable", "rawsetmetatable" },
    { "getmetatable", "rawgetmetatable" }, { "rawset", "rawset" }
  };
  for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++) {
    lua_getfield(L, base, raw[i][0]);
    lua_setfield(L, trusted, raw[i][1]);
  }
  lua_pushvalue(L, trusted);
  luaL_setfuncs(L, lh_trusted, 0);
  lua_pop(L, 1);

  new_weak(L, LH_NAMES);
  new_weak(L, LH_COROUTINES);
  build_libraries(L, trusted, provided);
  new_shared(L, LH_HOST_TABLE, trusted, "host");
  new_shared(L, LH_TYPES_TABLE, trusted, "types");
  new_shared(L, LH_EXPORTS, trusted, "exports");
  new_shared(L, LH_MODULES, trusted, "modules");
  lua_createtable(L, 0, 4); keep(L, LH_SOURCES);
  lua_createtable(L, 0, 4); keep(L, LH_LOADED);
  lua_createtable(L, 0, 4); keep(L, LH_COUNTERS);
  lua_createtable(L, 0, 0); keep(L, LH_SHAPES);
  lua_createtable(L, 0, 0); keep(L, LH_RECORDS);

  lua_pushvalue(L, provided); lua_setfield(L, trusted, "globals");
  lua_pushvalue(L, scripts); lua_setfield(L, provided, "_G");
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, unknown_name); lua_setfield(L, -2, "__index");
  lua_setmetatable(L, provided);
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, provided); lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, new_name); lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, scripts);
  lua_pushvalue(L, scripts); keep(L, LH_SCRIPT_ENV);
  lua_pushvalue(L, trusted); keep(L, LH_TRUSTED_ENV);
  lua_pushvalue(L, provided); keep(L, LH_PROVIDED);
  // Nothing may find the library's full table through the registry.
  lua_createtable(L, 0, 0); lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_settop(L, 0);
}
