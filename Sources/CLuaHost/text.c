// Text of values without addresses, and print. A table is "table#3": the third whose text was asked for.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

// Pushes "name#number" for the object at `index`.
static void push_name(lua_State *L, int index, const char *name) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_NAMES);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LH_COUNTERS);
    lua_pushstring(L, name);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    const lua_Integer number = lua_tointeger(L, -1) + 1;
    lua_pop(L, 1);
    lua_pushinteger(L, number);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    lua_pushinteger(L, number);
    lua_rawset(L, -3);
    lua_pushinteger(L, number);
  }
  lua_pushfstring(L, "%s#%I", name, (LUAI_UACINT)lua_tointeger(L, -1));
  lua_replace(L, -3);
  lua_pop(L, 1);
}

const char *lh_tostring(lua_State *L, int index, size_t *length) {
  index = lua_absindex(L, index);
  luaL_checkstack(L, 8, "text");
  switch (lua_type(L, index)) {
  case LUA_TNIL: lua_pushliteral(L, "nil"); break;
  case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
  case LUA_TNUMBER:
    lh_charge(L, lh_number_fuel(L, index));
    lua_pushvalue(L, index);
    break;
  case LUA_TSTRING:
    lua_pushvalue(L, index);
    break;
  default:
    lh_charge(L, 40);
    if (luaL_callmeta(L, index, "__tostring")) {
      if (lua_type(L, -1) != LUA_TSTRING) lh_error(L, "'__tostring' must return a string");
      break;
    }
    if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING) {
      push_name(L, index, lua_tostring(L, -1));
      lua_remove(L, -2);
    } else {
      push_name(L, index, luaL_typename(L, index));
    }
  }
  return lua_tolstring(L, -1, length);
}

int lh_lua_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  lh_tostring(L, 1, NULL);
  return 1;
}

static void add_output(lua_State *L, size_t *length, const char *bytes, size_t count) {
  luahost *host = lh_host(L);
  if (host->output_room - *length < count) {
    size_t room = host->output_room < 256 ? 256 : host->output_room;
    while (room - *length < count) room *= 2;
    uint8_t *fresh = room > host->limits.memory * 2 ? NULL : realloc(host->output, room);
    if (fresh == NULL) lh_die(L, LUAHOST_MEMORY);
    host->output = fresh;
    host->output_room = room;
  }
  memcpy(host->output + *length, bytes, count);
  *length += count;
}

// What of the text still fits the limits; past them one line says so, and then there is silence.
static size_t fit(lua_State *L, size_t length) {
  luahost *host = lh_host(L);
  size_t kept = 0;
  while (kept < length && host->output_bytes < host->limits.output_bytes
         && host->output_lines < host->limits.output_lines) {
    if (host->output[kept++] == '\n') host->output_lines++;
    host->output_bytes++;
  }
  if (kept == length) return kept;
  char limit[48];
  const bool by_lines = host->output_lines >= host->limits.output_lines;
  if (by_lines) lh_grouped((int64_t)host->limits.output_lines, limit);
  else lh_sized(host->limits.output_bytes, limit);
  host->output_cut = true;
  length = kept;
  if (kept > 0 && host->output[kept - 1] != '\n') add_output(L, &length, "\n", 1);
  add_output(L, &length, "output cut after ", 17);
  add_output(L, &length, limit, strlen(limit));
  if (by_lines) add_output(L, &length, " lines", 6);
  add_output(L, &length, " (--output-limit)\n", 18);
  return length;
}

int lh_print(lua_State *L) {
  luahost *host = lh_host(L);
  const int count = lua_gettop(L);
  // Metamethods may print, so all text is made before the shared buffer is touched.
  luaL_checkstack(L, count + 8, "print");
  for (int i = 1; i <= count; i++) {
    lh_tostring(L, i, NULL);
    lua_replace(L, i);
  }
  if (host->output_cut) {
    lh_charge(L, 8);
    return 0;
  }
  size_t length = 0;
  for (int i = 1; i <= count; i++) {
    size_t size;
    const char *text = lua_tolstring(L, i, &size);
    if (i > 1) add_output(L, &length, "\t", 1);
    add_output(L, &length, text, size);
  }
  add_output(L, &length, "\n", 1);
  lh_charge(L, 8 + (int64_t)(length / 8));
  length = fit(L, length);
  if (length > 0) host->callbacks.output(host->context, host->output, length);
  return 0;
}
