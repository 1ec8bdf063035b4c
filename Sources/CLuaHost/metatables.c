// Metatables of scripts. What a script gives is copied into a table of the host's: __gc, __close, __concat and __mode can
// crash Lua 5.4.4 or run outside the limits, and a script could add them after the check to a table it still holds.
#include "internal.h"

static const char *const allowed[] = {
  "__index", "__newindex", "__call", "__tostring", "__name", "__pairs", "__eq", "__lt", "__le", "__len", "__unm", "__add",
  "__sub", "__mul", "__div", "__idiv", "__mod", "__pow", "__band", "__bor", "__bxor", "__bnot", "__shl", "__shr", NULL
};
static const char *const refused[] = { "__gc", "__close", "__concat", "__mode", "__metatable", NULL };
static const char original_key = 0;

// With a metatable on top: pushes the script's original of it and returns true, or pushes nothing.
static bool push_original(lua_State *L) {
  if (lua_rawgetp(L, -1, &original_key) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}

static bool may_change(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return true;
  const bool own = push_original(L);
  lua_pop(L, own ? 2 : 1);
  return own;
}

// Pushes the host's copy of the table at `index`. A second use refreshes the same copy.
static void push_copy(lua_State *L, int index) {
  for (const char *const *name = refused; *name != NULL; name++) {
    lua_pushstring(L, *name);
    if (lua_rawget(L, index) != LUA_TNIL) {
      lh_error(L, "metamethod '%s' is not available in scenarios (see docs: sandbox)", *name);
    }
    lua_pop(L, 1);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_COPIES);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, &original_key);
    lua_pushvalue(L, index);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
  for (const char *const *name = allowed; *name != NULL; name++) {
    lua_pushstring(L, *name);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, index) == LUA_TNIL) {
      lua_pushvalue(L, -2);
      const bool absent = lua_rawget(L, -4) == LUA_TNIL;
      lua_pop(L, 1);
      if (absent) {
        lua_pop(L, 2);
        continue;
      }
    }
    lua_rawset(L, -3);
  }
}

int lh_setmetatable(lua_State *L) {
  const int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (!may_change(L, 1)) return lh_error(L, "this metatable belongs to the bench and cannot be changed");
  lua_settop(L, 2);
  if (type == LUA_TNIL) {
    lua_setmetatable(L, 1);
  } else {
    push_copy(L, 2);
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
  }
  return 1;
}

// The script's own table, or false for a metatable of the host.
int lh_getmetatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (!lua_getmetatable(L, 1)) lua_pushnil(L);
  else if (!push_original(L)) lua_pushboolean(L, 0);
  return 1;
}

int lh_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 3);
  if (!may_change(L, 1)) return lh_error(L, "this table belongs to the bench and is read-only");
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 1;
}

void lh_refuse_metamethod(lua_State *L, int index, const char *metamethod, const char *function) {
  if (luaL_getmetafield(L, index, metamethod) == LUA_TNIL) return;
  lh_error(L, "table.%s works on plain tables; this one has %s", function, metamethod);
}

static int refuse_write(lua_State *L) {
  const char *owner = lua_tostring(L, lua_upvalueindex(1));
  if (lua_type(L, 2) != LUA_TSTRING) return lh_error(L, "%s is read-only", owner);
  return lh_error(L, "%s is read-only: '%s' cannot be set", owner, lua_tostring(L, 2));
}

void lh_freeze(lua_State *L, const char *name) {
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushcclosure(L, refuse_write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}
