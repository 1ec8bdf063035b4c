// Loading and running: scripts, the prelude, and calls of what the prelude exports.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

typedef struct chunk {
  const char *name;
  const uint8_t *bytes;
  size_t length;
  bool bytecode;
  uint8_t *dumped;
  size_t dumped_length, dumped_room;
} chunk;

// Pushes a function, or a message and returns its kind.
int lh_load_script(lua_State *L, const char *name, const uint8_t *bytes, size_t length) {
  luahost *host = lh_host(L);
  lh_source source;
  if (!lh_check_source(host, bytes, length, &source)) {
    if (source.line > 0) lua_pushfstring(L, "%s:%d: %s", name, source.line, source.message);
    else lua_pushfstring(L, "%s: %s", name, source.message);
    return LUAHOST_SOURCE;
  }
  lh_charge(L, source.fuel);
  lua_pushfstring(L, "@%s", name);
  const int status = luaL_loadbufferx(L, source.text, source.length, lua_tostring(L, -1), "t");
  lua_remove(L, -2);
  if (status == LUA_ERRMEM) return lh_die(L, LUAHOST_MEMORY);
  if (status != LUA_OK) return LUAHOST_SYNTAX;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SCRIPT_ENV);
  lua_setupvalue(L, -2, 1);
  return LUAHOST_OK;
}

// Costs no fuel: whether it is text or bytecode is a matter of what the process did before, and must not show.
void lh_load_trusted(lua_State *L, const char *name, const uint8_t *source, size_t length, bool bytecode) {
  const int64_t fuel = lh_host(L)->fuel;
  lua_pushfstring(L, "=%s", name);
  if (luaL_loadbufferx(L, (const char *)source, length, lua_tostring(L, -1), bytecode ? "b" : "t") != LUA_OK) {
    lh_host(L)->kind = LUAHOST_SYNTAX;
    lua_error(L);
  }
  lua_remove(L, -2);
  lh_host(L)->fuel = fuel;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_TRUSTED_ENV);
  lua_setupvalue(L, -2, 1);
}

static int keep_writing(lua_State *L, const void *bytes, size_t length, void *ud) {
  (void)L;
  chunk *it = ud;
  if (it->dumped_room - it->dumped_length < length) {
    size_t room = it->dumped_room < 4096 ? 4096 : it->dumped_room;
    while (room - it->dumped_length < length) room *= 2;
    uint8_t *fresh = realloc(it->dumped, room);
    if (fresh == NULL) return 1;
    it->dumped = fresh;
    it->dumped_room = room;
  }
  memcpy(it->dumped + it->dumped_length, bytes, length);
  it->dumped_length += length;
  return 0;
}

static int compile_body(lua_State *L) {
  chunk *it = lua_touserdata(L, 1);
  lh_load_trusted(L, it->name, it->bytes, it->length, false);
  if (lua_dump(L, keep_writing, it, 0) != 0) return lh_die(L, LUAHOST_MEMORY);
  return 0;
}

luahost_failure luahost_compile(luahost *host, const char *name, const uint8_t *source, size_t length, uint8_t **bytes,
                                size_t *count) {
  chunk it = { .name = name, .bytes = source, .length = length };
  const luahost_failure failure = lh_protect(host, compile_body, &it);
  if (failure != LUAHOST_OK) free(it.dumped);
  *bytes = failure == LUAHOST_OK ? it.dumped : NULL;
  *count = it.dumped_length;
  return failure;
}

void luahost_free(uint8_t *bytes) { free(bytes); }

static int prelude_body(lua_State *L) {
  const chunk *it = lua_touserdata(L, 1);
  lh_load_trusted(L, it->name, it->bytes, it->length, it->bytecode);
  lua_call(L, 0, 0);
  return 0;
}

luahost_failure luahost_load_prelude(luahost *host, const char *name, const uint8_t *source, size_t length, bool bytecode) {
  chunk it = { .name = name, .bytes = source, .length = length, .bytecode = bytecode };
  return lh_protect(host, prelude_body, &it);
}

static int module_body(lua_State *L) {
  const chunk *it = lua_touserdata(L, 1);
  const int64_t fuel = lh_host(L)->fuel;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SOURCES);
  lua_pushstring(L, it->name);
  lua_pushlstring(L, (const char *)it->bytes, it->length);
  lua_rawset(L, -3);
  lh_host(L)->fuel = fuel;
  return 0;
}

luahost_failure luahost_add_module(luahost *host, const char *name, const uint8_t *source, size_t length) {
  chunk it = { .name = name, .bytes = source, .length = length };
  return lh_protect(host, module_body, &it);
}

typedef struct promise { const char *name; int32_t function; } promise;

static int promise_body(lua_State *L) {
  const promise *it = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SOURCES);
  lua_pushstring(L, it->name);
  lh_push_binding(L, it->function);
  lua_rawset(L, -3);
  return 0;
}

luahost_failure luahost_promise_module(luahost *host, const char *name, int32_t function) {
  promise it = { name, function };
  return lh_protect(host, promise_body, &it);
}

// Results leave Lua's stack, so their bytes are copied; pointers are set when the scratch no longer moves.
void lh_keep_results(lua_State *L, int first) {
  luahost *host = lh_host(L);
  int count = lua_gettop(L) - first + 1;
  if (count > LUAHOST_VALUES_MAX) count = LUAHOST_VALUES_MAX;
  for (int i = 0; i < count; i++) {
    luahost_value *value = &host->results[i];
    lh_read(L, first + i, value);
    if (value->kind != LUAHOST_BYTES) continue;
    value->integer = (int64_t)host->scratch_length;
    if (!lh_scratch_add(host, value->bytes, value->length)) lh_die(L, LUAHOST_MEMORY);
  }
  for (int i = 0; i < count; i++) {
    if (host->results[i].kind == LUAHOST_BYTES) host->results[i].bytes = host->scratch + host->results[i].integer;
  }
  host->result_count = count;
}

static int run_body(lua_State *L) {
  luahost *host = lh_host(L);
  const chunk *it = lua_touserdata(L, 1);
  host->result_count = 0;
  lh_check_stop(L);
  const int kind = lh_load_script(L, it->name, it->bytes, it->length);
  if (kind != LUAHOST_OK) {
    host->kind = kind;
    return lua_error(L);
  }
  lua_call(L, 0, LUA_MULTRET);
  lh_keep_results(L, 2);
  // A table does not cross; the prelude finds what the script returned in `script_result`.
  lua_settop(L, lua_gettop(L) < 2 ? 1 : 2);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_TRUSTED_ENV);
  lua_pushliteral(L, "script_result");
  if (lua_gettop(L) == 4) lua_pushvalue(L, 2);
  else lua_pushnil(L);
  lua_rawset(L, -3);
  return 0;
}

luahost_failure luahost_run(luahost *host, const char *name, const uint8_t *source, size_t length) {
  chunk it = { .name = name, .bytes = source, .length = length };
  return lh_protect(host, run_body, &it);
}

typedef struct call { const char *function; const luahost_value *arguments; int32_t count; } call;

static int call_body(lua_State *L) {
  luahost *host = lh_host(L);
  const call *it = lua_touserdata(L, 1);
  host->result_count = 0;
  lh_check_stop(L);
  luaL_checkstack(L, it->count + 4, "arguments");
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_EXPORTS);
  lua_pushstring(L, it->function);
  if (lua_rawget(L, -2) == LUA_TNIL) return luaL_error(L, "the prelude exports no function '%s'", it->function);
  lua_remove(L, -2);
  for (int32_t i = 0; i < it->count; i++) lh_push(L, &it->arguments[i]);
  lua_call(L, it->count, LUA_MULTRET);
  lh_keep_results(L, 2);
  return 0;
}

luahost_failure luahost_call(luahost *host, const char *function, const luahost_value *arguments, int32_t count) {
  call it = { function, arguments, count };
  return lh_protect(host, call_body, &it);
}
