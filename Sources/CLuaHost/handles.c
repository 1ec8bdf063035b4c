// Handles: userdata that hold {type, slot, generation}; the object is Swift's. A type is known by the identity of its
// metatable. One handle is one userdata (they are table keys and compare by identity). Nothing happens when it is collected: the
// object lives until Swift gives it up, and nobody can observe when the collector ran.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

enum { METATABLE, METHODS, GETTERS, CACHE, SLOTS };

static int slot_of(int32_t type, int which) { return LH_TYPE_BASE + type * SLOTS + which; }

// Every userdata a script can hold is a handle: the host makes no others that it hands out.
lh_handle *lh_to_handle(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return NULL;
  const void *metatable = lua_topointer(L, -1);
  lua_pop(L, 1);
  lh_handle *handle = lua_touserdata(L, index);
  const luahost *host = lh_host(L);
  if (handle->type < 0 || handle->type >= host->type_count) return NULL;
  return metatable == host->types[handle->type].metatable ? handle : NULL;
}

void lh_push_handle(lua_State *L, int32_t type, int64_t slot, uint32_t generation) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, slot_of(type, CACHE));
  lua_rawgeti(L, -1, slot);
  const lh_handle *known = lua_touserdata(L, -1);
  if (known != NULL && known->generation == generation) {
    lua_remove(L, -2);
    return;
  }
  lua_pop(L, 1);
  lh_handle *handle = lua_newuserdatauv(L, sizeof *handle, 0);
  *handle = (lh_handle){ .type = type, .generation = generation, .slot = slot };
  lua_rawgeti(L, LUA_REGISTRYINDEX, slot_of(type, METATABLE));
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, slot);
  lua_remove(L, -2);
}

// A name that nobody has: what might have been meant is any name that is there, or that Swift would make.
static int unknown_member(lua_State *L, int32_t type) {
  luahost *host = lh_host(L);
  const char *owner = host->types[type].name;
  if (lua_type(L, 2) != LUA_TSTRING) return lh_error(L, "%s has no fields of type %s", owner, luaL_typename(L, 2));
  const char *name = lua_tostring(L, 2);
  luahost_value results[1];
  luahost_frame frame = { .host = host, .results = results, .result_room = 1 };
  const size_t scratch = host->scratch_length;
  const int32_t depth = ++host->swift_depth;
  host->callbacks.names(host->context, type, &frame);
  host->swift_depth = depth - 1;
  lua_createtable(L, 0, 32);
  const int names = lua_gettop(L);
  if (frame.result_count > 0) {
    lh_push(L, &frame.results[0]);
    for (const char *at = lua_tostring(L, -1), *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
      lua_pushlstring(L, at, (size_t)(end - at));
      lua_pushboolean(L, 1);
      lua_rawset(L, names);
    }
    lua_pop(L, 1);
  }
  host->scratch_length = scratch;
  bool has_properties = frame.result_count > 0;
  for (int which = METHODS; which <= GETTERS; which++) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, slot_of(type, which));
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
      lua_pop(L, 1);
      has_properties = has_properties || which == GETTERS;
      lua_pushvalue(L, -1);
      lua_pushboolean(L, 1);
      lua_rawset(L, names);
    }
    lua_pop(L, 1);
  }
  lh_push_suggestion(L, name, names, 0);
  const char *kind = host->types[type].is_module ? "field" : has_properties ? "function or property" : "function";
  return lh_error(L, "%s has no %s '%s'%s", owner, kind, name, lua_tostring(L, -1));
}

// A name that was not asked for before: Swift says what it is, and it is kept.
static int find_member(lua_State *L, int32_t type) {
  luahost *host = lh_host(L);
  luahost_member member = { .kind = LUAHOST_NO_MEMBER };
  size_t length;
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : NULL;
  if (name != NULL) {
    const int32_t depth = ++host->swift_depth;
    member = host->callbacks.find(host->context, type, name, length);
    host->swift_depth = depth - 1;
  }
  if (member.kind == LUAHOST_NO_MEMBER) return unknown_member(L, type);
  lua_rawgeti(L, LUA_REGISTRYINDEX, slot_of(type, member.kind == LUAHOST_FUNCTION ? METHODS : GETTERS));
  lua_pushvalue(L, 2);
  if (host->types[type].is_module) lua_pushvalue(L, 1);
  else lua_pushnil(L);
  lh_push_member(L, type, name, &member);
  lua_pushvalue(L, -1);
  lua_insert(L, -4);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  if (member.kind == LUAHOST_FUNCTION) return 1;
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

// __index of a handle, and of a module: upvalues are methods, getters, the type's number.
static int index_member(lua_State *L) {
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
  }
  lua_settop(L, 2);
  return find_member(L, (int32_t)lua_tointeger(L, lua_upvalueindex(3)));
}

static int refuse_assignment(lua_State *L) {
  const char *owner = lua_tostring(L, lua_upvalueindex(1));
  if (lua_type(L, 2) != LUA_TSTRING) return lh_error(L, "fields of %s cannot be set", owner);
  return lh_error(L, "%s.%s cannot be set", owner, lua_tostring(L, 2));
}

static int find_type(lua_State *L, int argument) {
  const luahost *host = lh_host(L);
  const char *name = luaL_checkstring(L, argument);
  for (int32_t i = 0; i < host->type_count; i++) {
    if (strcmp(host->types[i].name, name) == 0) return i;
  }
  return lh_error(L, "no handle type '%s'", name);
}

// Trusted: properties("machine", { clock = function(machine) ... end }).
int lh_properties(lua_State *L) {
  const int type = find_type(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_rawgeti(L, LUA_REGISTRYINDEX, slot_of(type, GETTERS));
  lua_pushnil(L);
  while (lua_next(L, 2) != 0) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 3);
  }
  return 0;
}

// Trusted: members("sgx") -> a table whose functions Swift makes when they are first asked for.
int lh_members(lua_State *L) {
  const int type = find_type(L, 1);
  lua_createtable(L, 0, 8);
  lua_rawgeti(L, LUA_REGISTRYINDEX, slot_of(type, METATABLE));
  lua_setmetatable(L, -2);
  lh_host(L)->types[type].is_module = true;
  return 1;
}

// Trusted: expect_self(self, "enclave", "create", 1, ...) for methods written in Lua that take one argument.
int lh_expect_self(lua_State *L) {
  const luahost *host = lh_host(L);
  const lh_handle *self = lh_to_handle(L, 1);
  const char *owner = luaL_checkstring(L, 2), *name = luaL_checkstring(L, 3);
  if (self != NULL && strcmp(host->types[self->type].name, owner) == 0) {
    if (lua_gettop(L) <= 4) return 0;
    const int most = (int)luaL_checkinteger(L, 4), found = most + lua_gettop(L) - 4;
    return lh_too_many(L, lua_pushfstring(L, "%s:%s", owner, name), most, found);
  }
  return lh_error(L, "%s.%s: call it with a colon, as %s:%s(...)", owner, name, owner, name);
}

static int define_type(lua_State *L) {
  luahost *host = lh_host(L);
  const char *name = lua_touserdata(L, 1);
  const int type = host->type_count;
  lua_pushstring(L, name);                                   // 2
  lua_createtable(L, 0, 8);                                  // 3: the metatable
  lua_createtable(L, 0, 8);                                  // 4: the methods
  lua_createtable(L, 0, 4);                                  // 5: what asks for properties
  lua_pushvalue(L, 4);
  lua_pushvalue(L, 5);
  lua_pushinteger(L, type);
  lua_pushcclosure(L, index_member, 3);
  lua_setfield(L, 3, "__index");
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, refuse_assignment, 1);
  lua_setfield(L, 3, "__newindex");
  lua_pushvalue(L, 2);
  lua_setfield(L, 3, "__name");
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_TYPES_TABLE);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 4);
  lua_rawset(L, -3);
  lua_createtable(L, 0, 4);                                  // userdata by slot
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawseti(L, LUA_REGISTRYINDEX, slot_of(type, CACHE));
  lua_pushvalue(L, 4);
  lua_rawseti(L, LUA_REGISTRYINDEX, slot_of(type, METHODS));
  lua_pushvalue(L, 5);
  lua_rawseti(L, LUA_REGISTRYINDEX, slot_of(type, GETTERS));
  lua_pushvalue(L, 3);
  lua_rawseti(L, LUA_REGISTRYINDEX, slot_of(type, METATABLE));
  if (type == host->type_room) {
    lh_type *fresh = realloc(host->types, (size_t)(type + 16) * sizeof *fresh);
    if (fresh == NULL) return lh_die(L, LUAHOST_MEMORY);
    host->types = fresh;
    host->type_room = type + 16;
  }
  char *copy = strdup(name);
  if (copy == NULL) return lh_die(L, LUAHOST_MEMORY);
  host->types[type] = (lh_type){ .metatable = lua_topointer(L, 3), .name = copy };
  host->type_count++;
  return 0;
}

luahost_failure luahost_define_type(luahost *host, const char *name) {
  return lh_protect(host, define_type, (void *)name);
}

typedef struct definition { const char *name; int32_t type; luahost_member member; } definition;

static int define_method(lua_State *L) {
  const definition *it = lua_touserdata(L, 1);
  if (it->type < 0) lua_rawgeti(L, LUA_REGISTRYINDEX, LH_HOST_TABLE);
  else lua_rawgeti(L, LUA_REGISTRYINDEX, slot_of(it->type, METHODS));
  lua_pushstring(L, it->name);
  if (it->type < 0) {
    lh_push_binding(L, it->member.function);
  } else {
    lua_pushnil(L);
    lh_push_member(L, it->type, it->name, &it->member);
  }
  lua_rawset(L, -3);
  return 0;
}

luahost_failure luahost_register(luahost *host, const char *name, int32_t function) {
  definition it = { .name = name, .type = -1, .member = { .function = function } };
  return lh_protect(host, define_method, &it);
}

luahost_failure luahost_define_method(luahost *host, int32_t type, const char *name, luahost_member member) {
  definition it = { .name = name, .type = type, .member = member };
  return lh_protect(host, define_method, &it);
}
