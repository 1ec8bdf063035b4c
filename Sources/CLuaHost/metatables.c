// Metatables of scripts. What a script gives is copied into a table of the host's: __gc, __close, __concat and __mode can
// crash Lua 5.4.4 or run outside the limits, and a script could add them after the check to a table it still holds.
#include <string.h>
#include "internal.h"

enum { REFUSED = 5, NAMES = 29, SET_FUEL = 60 };

static const char *const names[NAMES] = {
  "__gc", "__close", "__concat", "__mode", "__metatable",
  "__index", "__newindex", "__call", "__tostring", "__name", "__pairs", "__eq", "__lt", "__le", "__len", "__unm", "__add",
  "__sub", "__mul", "__div", "__idiv", "__mod", "__pow", "__band", "__bor", "__bxor", "__bnot", "__shl", "__shr"
};
// A copy knows its original and an original its copy, under keys no script can make. A weak table from one to the other would
// be tidier, but its collection grows with the square of the number of metatables.
static const char original_key = 0, copy_key = 0;
// Marks a table that is somebody's __index or __newindex.
static const char target_key = 0;

// Whether the value at `index`, a key of a table, is not to be shown.
bool lh_is_hidden_key(lua_State *L, int index) {
  const void *key = lua_touserdata(L, index);
  return key == &copy_key || key == &target_key;
}

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

// A chain of tables, each the __index of the one before, is followed inside one instruction, up to 2,000 links. From the second link on a
// function takes the place of the table, and charges.
enum { HOP_FUEL = 6 };

static int read_on(lua_State *L) {
  lh_charge(L, HOP_FUEL);
  lua_settop(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  return 1;
}

static int write_on(lua_State *L) {
  lh_charge(L, HOP_FUEL);
  lua_settop(L, 3);
  lua_settable(L, lua_upvalueindex(1));
  return 0;
}

// The table on top is to be the `event` of the metatable below it, for an object that is somebody's target itself or not. Puts in its place
// the function that reads on, where its chain would have a second link.
static void bound_chain(lua_State *L, const char *event, bool is_target) {
  const bool reads = strcmp(event, "__index") == 0;
  bool goes_on = is_target || lua_rawequal(L, 1, -1);
  if (luaL_getmetafield(L, -1, event) != LUA_TNIL) {
    goes_on = true;
    lua_pop(L, 1);
  }
  lua_getfield(L, -2, event);
  if (lua_tocfunction(L, -1) == (reads ? read_on : write_on)) {
    lua_getupvalue(L, -1, 1);
    if (lua_rawequal(L, -1, -3)) goes_on = true;  // an object in a chain has this metatable already
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (goes_on) {
    lua_pushcclosure(L, reads ? read_on : write_on, 1);
  } else {
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &target_key);
  }
}

// Pushes the host's copy of the table at `index`. A second use refreshes the same copy. The names are upvalues, the refused
// ones first: looking strings up again would cost more than all the rest.
static void push_copy(lua_State *L, int index, bool is_target) {
  for (int name = 1; name <= REFUSED; name++) {
    lua_pushvalue(L, lua_upvalueindex(name));
    if (lua_rawget(L, index) != LUA_TNIL) {
      lh_error(L, "metamethod '%s' is not available in scenarios (see docs: sandbox)", names[name - 1]);
    }
    lua_pop(L, 1);
  }
  const bool fresh = lua_rawgetp(L, index, &copy_key) == LUA_TNIL;
  if (fresh) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, &original_key);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, index, &copy_key);
  }
  for (int name = REFUSED + 1; name <= NAMES; name++) {
    lua_pushvalue(L, lua_upvalueindex(name));
    bool differs = lua_rawget(L, index) != LUA_TNIL;
    if (!differs && !fresh) {
      lua_pushvalue(L, lua_upvalueindex(name));
      differs = lua_rawget(L, -3) != LUA_TNIL;
      lua_pop(L, 1);
    }
    if (differs) {
      const char *event = names[name - 1];
      if (lua_type(L, -1) == LUA_TTABLE && name <= REFUSED + 2) bound_chain(L, event, is_target);
      else if (name == REFUSED + 3 && !lua_isnil(L, -1) && !lua_isfunction(L, -1)) {
        lh_error(L, "metamethod '__call' must be a function, not a %s", luaL_typename(L, -1));
      }
      lua_pushvalue(L, lua_upvalueindex(name));
      lua_insert(L, -2);
      lua_rawset(L, -3);
    } else {
      lua_pop(L, 1);
    }
  }
}

static int set_metatable(lua_State *L) {
  const int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (!may_change(L, 1)) return lh_error(L, "this metatable belongs to the bench and cannot be changed");
  lh_charge(L, SET_FUEL);
  lua_settop(L, 2);
  if (type == LUA_TNIL) {
    lua_setmetatable(L, 1);
  } else {
    const bool is_target = lua_rawgetp(L, 1, &target_key) != LUA_TNIL;
    lua_pop(L, 1);
    push_copy(L, 2, is_target);
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
  }
  return 1;
}

void lh_push_setmetatable(lua_State *L) {
  for (int name = 0; name < NAMES; name++) lua_pushstring(L, names[name]);
  lua_pushcclosure(L, set_metatable, NAMES);
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
  lua_createtable(L, 0, 4);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  static const char *const kept[] = { "__tostring", "__record" };   // of a record: its view is shown as its fields
  for (int i = 0; i < 2; i++) {
    if (luaL_getmetafield(L, -3, kept[i]) != LUA_TNIL) lua_setfield(L, -2, kept[i]);
  }
  lua_pushstring(L, name);
  lua_pushcclosure(L, refuse_write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}
