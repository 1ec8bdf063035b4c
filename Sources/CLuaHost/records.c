// Records: tables that come back from calls, with names of their own. A name that a record cannot have is an error, one whose value is
// missing is nil, and the text of a record is its fields.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

static void push_trusted(lua_State *L, const char *name) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_TRUSTED_ENV);
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  lua_remove(L, -2);
}

// What a record has not. Upvalues: the places of its names, its name, the names whose values nobody wrote (or nil).
static int missing_field(lua_State *L) {
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
    lua_pushnil(L);
    if (!lua_istable(L, lua_upvalueindex(3))) return 1;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(3)) == LUA_TNIL) return 1;
    push_trusted(L, "uninitialised");
    lua_call(L, 0, 1);
    return 1;
  }
  const char *name = lh_tostring(L, 2, NULL);
  lh_push_suggestion(L, name, lua_upvalueindex(1), 0);
  return lh_error(L, "%s has no field '%s'%s", lua_tostring(L, lua_upvalueindex(2)), name, lua_tostring(L, -1));
}

static int fields_text(lua_State *L) {
  push_trusted(L, "fields_text");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

// The table of unwritten names, or nil, is on top and is replaced by the metatable.
static void push_metatable(lua_State *L, int names, const lh_record *record) {
  lua_createtable(L, 0, 4);
  lua_insert(L, -2);
  lua_rawgeti(L, names, 0);
  lua_insert(L, -2);
  lua_pushstring(L, record->name);
  lua_insert(L, -2);
  lua_pushcclosure(L, missing_field, 3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, fields_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushstring(L, record->name);
  lua_setfield(L, -2, "__record");
}

// Names of fields whose value nobody wrote are collected: a table of them on top, or nil.
const luahost_value *lh_push_record(lua_State *L, const luahost_value *value) {
  luahost *host = lh_host(L);
  const int64_t number = value->integer;
  const lh_record record = host->records[number];
  luaL_checkstack(L, 10, "a record");
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_RECORDS);
  lua_rawgeti(L, -1, number + 1);
  lua_replace(L, -2);
  const int names = lua_gettop(L);
  lua_createtable(L, 0, record.count);
  lua_pushnil(L);
  value++;
  for (int32_t i = 1; i <= record.count; i++) {
    const luahost_kind kind = value->kind;
    if (kind == LUAHOST_NIL) {
      value++;
      continue;
    }
    lua_rawgeti(L, names, i);
    if (kind == LUAHOST_OTHER) {
      if (lua_isnil(L, -2)) {
        lua_createtable(L, 0, 2);
        lua_replace(L, -3);
      }
      lua_pushboolean(L, 1);
      lua_rawset(L, -3);
      value++;
    } else {
      value = lh_push(L, value);
      lua_rawset(L, -4);
    }
  }
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_rawgeti(L, names, -1);
  } else {
    push_metatable(L, names, &record);
  }
  lua_setmetatable(L, -2);
  if (record.read_only) lh_freeze(L, record.name);
  lua_remove(L, names);
  return value;
}

typedef struct definition { const char *name; const char *const *fields; int32_t count, number; bool read_only; } definition;

static int add_record(lua_State *L) {
  luahost *host = lh_host(L);
  const definition *it = lua_touserdata(L, 1);
  lh_record *fresh = realloc(host->records, (size_t)(it->number + 1) * sizeof *fresh);
  if (fresh == NULL) return lh_die(L, LUAHOST_MEMORY);
  host->records = fresh;
  char *name = strdup(it->name);
  if (name == NULL) return lh_die(L, LUAHOST_MEMORY);
  fresh[it->number] = (lh_record){ .name = name, .count = it->count, .read_only = it->read_only };
  host->record_count = it->number + 1;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_RECORDS);
  lua_createtable(L, it->count, 2);      // names by place, their places at 0, the metatable at -1
  const int names = lua_gettop(L);
  lua_createtable(L, 0, it->count);
  for (int32_t i = 1; i <= it->count; i++) {
    lua_pushstring(L, it->fields[i - 1]);
    lua_pushvalue(L, -1);
    lua_rawseti(L, names, i);
    lua_pushinteger(L, i);
    lua_rawset(L, -3);
  }
  lua_rawseti(L, names, 0);
  lua_pushnil(L);
  push_metatable(L, names, &fresh[it->number]);
  lua_rawseti(L, names, -1);
  lua_rawseti(L, -2, it->number + 1);
  return 0;
}

luahost_failure luahost_add_record(luahost *host, const char *name, const char *const *fields, int32_t count, bool read_only,
                                   int32_t *number) {
  definition it = { name, fields, count, host->record_count, read_only };
  *number = it.number;
  return lh_protect(host, add_record, &it);
}

void lh_free_records(luahost *host) {
  for (int32_t i = 0; i < host->record_count; i++) free(host->records[i].name);
  free(host->records);
}
