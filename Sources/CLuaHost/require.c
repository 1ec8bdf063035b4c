// require: bundled modules first, then what Swift finds for the name; each is run once.
#include <string.h>
#include "internal.h"

enum { NAME_MAX_LENGTH = 200, RESOLVE_FUEL = 5000 };

// Parts of [a-z0-9_]+ with dots between: no name can leave the folders Swift looks in.
static bool is_module_name(const char *name, size_t length) {
  bool part = false;
  for (size_t i = 0; i < length; i++) {
    const char c = name[i];
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') part = true;
    else if (c == '.' && part) part = false;
    else return false;
  }
  return part && length <= NAME_MAX_LENGTH;
}

// Pushes the loader found for the name at 1, or nil.
static bool push_bundled(lua_State *L) {
  const char *name = lua_tostring(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SOURCES);
  lua_pushvalue(L, 1);
  int kind = lua_rawget(L, -2);
  if (kind == LUA_TFUNCTION) {   // a promise: the call puts the source in its place
    lua_call(L, 0, 0);
    lua_pushvalue(L, 1);
    kind = lua_rawget(L, -2);
  }
  if (kind == LUA_TNIL) {
    lua_pop(L, 2);
    return false;
  }
  size_t length;
  const char *source = lua_tolstring(L, -1, &length);
  lh_load_trusted(L, name, (const uint8_t *)source, length, length > 0 && source[0] == 0x1B);
  return true;
}

static bool push_resolved(lua_State *L) {
  luahost *host = lh_host(L);
  size_t length;
  const char *name = lua_tolstring(L, 1, &length);
  luahost_value results[LUAHOST_VALUES_MAX];
  luahost_frame frame = { .host = host, .results = results, .result_room = LUAHOST_VALUES_MAX };
  const size_t scratch = host->scratch_length;
  lh_charge(L, RESOLVE_FUEL);
  host->callbacks.resolve(host->context, (const uint8_t *)name, length, &frame);
  if (frame.result_count != 2) {
    host->scratch_length = scratch;
    return false;
  }
  lh_push(L, &results[1]);
  const int kind = lh_load_script(L, lua_tostring(L, -1), host->scratch + results[0].integer, results[0].length);
  host->scratch_length = scratch;
  if (kind != LUAHOST_OK) lua_error(L);
  return true;
}

static int not_found(lua_State *L) {
  const char *name = lua_tostring(L, 1);
  static const char *const withheld[] = { "debug", "io", "os", "package", NULL };
  for (const char *const *known = withheld; *known != NULL; known++) {
    if (strcmp(name, *known) == 0) return lh_error(L, "'%s' is not available in scenarios (see docs: sandbox)", name);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_MODULES);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SOURCES);
  lh_push_suggestion(L, name, lua_gettop(L) - 1, lua_gettop(L));
  return lh_error(L, "no module '%s'%s", name, lua_tostring(L, -1));
}

int lh_require(lua_State *L) {
  size_t length;
  const char *name = luaL_checklstring(L, 1, &length);
  if (!is_module_name(name, length)) {
    return lh_error(L, "require: a module name is parts of a-z 0-9 _ with dots between, not '%s'", name);
  }
  lua_settop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_MODULES);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, 2) != LUA_TNIL) return 1;
  lua_settop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_LOADED);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, 2) != LUA_TNIL) {
    // A light userdata marks a module that has begun and not ended.
    if (lua_islightuserdata(L, 3)) return lh_error(L, "module '%s' requires itself, directly or through others", name);
    return 1;
  }
  lua_settop(L, 2);
  if (!push_bundled(L) && !push_resolved(L)) return not_found(L);
  lua_replace(L, 3);
  lua_settop(L, 3);
  lua_pushvalue(L, 1);
  lua_pushlightuserdata(L, lh_host(L));
  lua_rawset(L, 2);
  lua_pushvalue(L, 1);
  const int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_OK && lua_isnil(L, 3)) {
    lua_pushboolean(L, 1);
    lua_replace(L, 3);
  }
  lua_pushvalue(L, 1);
  if (status == LUA_OK) lua_pushvalue(L, 3);
  else lua_pushnil(L);
  lua_rawset(L, 2);
  if (status == LUA_OK) return 1;
  lh_caught(L, status);
  return lua_error(L);
}
