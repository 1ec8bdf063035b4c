// The base functions scripts get in place of the library's.
#include "internal.h"

// pcall and xpcall. What must not be caught (spent fuel, memory, a stop) is raised again by lh_caught.
static int end_pcall(lua_State *L, int status, lua_KContext below) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)below;
  lh_caught(L, status);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

int lh_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  return end_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, end_pcall), 0);
}

// The script's handler runs after unwinding, not in place of Lua's: there the hook is off and nothing would bound it.
static int end_handler(lua_State *L, int status, lua_KContext below) {
  (void)below;
  if (status != LUA_OK && status != LUA_YIELD) lh_caught(L, status);
  lua_pushboolean(L, 0);
  lua_replace(L, 2);
  return lua_gettop(L) - 1;
}

static int end_xpcall(lua_State *L, int status, lua_KContext below) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)below;
  lh_caught(L, status);
  lua_pushvalue(L, 1);            // stack: handler, true, error
  lua_insert(L, 3);               // handler, true, handler, error
  lua_settop(L, 4);
  return end_handler(L, lua_pcallk(L, 1, LUA_MULTRET, 0, 0, end_handler), 0);
}

static int xpcall(lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  const int arguments = lua_gettop(L) - 2;
  lua_pushvalue(L, 2);
  lua_pushboolean(L, 1);          // f, handler, arguments, handler, true
  lua_pushvalue(L, 1);            // ..., f
  lua_rotate(L, 3, 3);            // f, handler, handler, true, f, arguments
  lua_remove(L, 1);
  lua_remove(L, 1);               // handler, true, f, arguments
  return end_xpcall(L, lua_pcallk(L, arguments, LUA_MULTRET, 0, 1, end_xpcall), 1);
}

static int raise_error(lua_State *L) {
  const int level = (int)luaL_optinteger(L, 2, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
    luaL_where(L, level);
    lua_insert(L, 1);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int assertion(lua_State *L) {
  if (lua_toboolean(L, 1)) return lua_gettop(L);
  luaL_checkany(L, 1);
  if (lua_isnoneornil(L, 2)) return lh_error(L, "assertion failed");
  lua_settop(L, 2);
  return lua_error(L);
}

// Whether a table has anything in it. The key that comes first differs from run to run, so it is not told.
static int is_not_empty(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (!lua_isnoneornil(L, 2)) return lh_error(L, "next(t, key) is not available; use pairs, which has a fixed order");
  lh_charge_walk(L);
  lua_settop(L, 1);
  lua_pushnil(L);
  while (lua_next(L, 1) != 0) {
    lua_pop(L, 1);
    if (lh_is_hidden_key(L, -1)) continue;
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  return 1;
}

enum { STEP_FUEL = 2 };

static int next_element(lua_State *L) {
  const lua_Integer place = (lua_Integer)((lua_Unsigned)luaL_checkinteger(L, 2) + 1);
  lh_host(L)->fuel -= STEP_FUEL;
  lua_pushinteger(L, place);
  return lua_geti(L, 1, place) == LUA_TNIL ? 1 : 2;
}

// As the library's, which charges nothing: a step may call a function of the table's.
static int elements(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushcfunction(L, next_element);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

const luaL_Reg lh_base[] = {
  { "pcall", lh_pcall }, { "xpcall", xpcall }, { "error", raise_error }, { "assert", assertion },
  { "next", is_not_empty }, { "pairs", lh_pairs }, { "ipairs", elements }, { "tostring", lh_lua_tostring }, { "print", lh_print },
  { "getmetatable", lh_getmetatable }, { "rawset", lh_rawset },
  { "require", lh_require }, { NULL, NULL }
};
