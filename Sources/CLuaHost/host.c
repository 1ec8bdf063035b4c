// The life of a host, and the one protected entry.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

// Cannot happen: everything that raises runs under lh_protect. Said aloud rather than left to abort() alone.
static int panic(lua_State *L) {
  (void)L;
  fputs("sgxbench: bench law broken: a Lua error outside a protected entry\n", stderr);
  return 0;
}

// KiB made before the collector's first look: nothing of the sandbox and the prelude is garbage, nor much of a small script.
enum { FIRST_LOOK = 128 };

static int build(lua_State *L) {
  lua_gc(L, LUA_GCSTOP);
  lua_sethook(L, lh_hook, LUA_MASKCOUNT, LH_HOOK_PERIOD);  // before any coroutine is made: they copy it
  lh_build_sandbox(L);
  lua_gc(L, LUA_GCRESTART);
  lua_gc(L, LUA_GCSTEP, -FIRST_LOOK);  // a step is so many KiB of credit spent; a negative one gives credit
  return 0;
}

luahost *luahost_create(const luahost_limits *limits, luahost_stop *stop, luahost_callbacks callbacks, void *context,
                        luahost_failure *failure) {
  *failure = LUAHOST_MEMORY;
  luahost *host = calloc(1, sizeof *host);
  if (host == NULL) return NULL;
  host->limits = *limits;
  host->fuel = limits->fuel;
  host->asked = LH_ASK_BYTES;
  host->stop = stop;
  host->callbacks = callbacks;
  host->context = context;
  host->main = lua_newstate(lh_allocate, host);
  if (host->main == NULL) {
    free(host);
    return NULL;
  }
  host->running = host->main;
  *(luahost **)lua_getextraspace(host->main) = host;
  lua_atpanic(host->main, panic);
  *failure = lh_protect(host, build, NULL);
  if (*failure != LUAHOST_OK) {
    luahost_destroy(host);
    return NULL;
  }
  return host;
}

void luahost_destroy(luahost *host) {
  lua_close(host->main);
  for (int32_t i = 0; i < host->type_count; i++) free(host->types[i].name);
  free(host->types);
  for (int32_t i = 0; i < host->function_room; i++) {
    if (host->functions[i] != NULL) free(host->functions[i]->name);
    free(host->functions[i]);
  }
  free(host->functions);
  lh_free_shapes(host);
  lh_free_records(host);
  lh_free_chunks(host, 0);
  free(host->list);
  free(host->long_strings.slots);
  free(host->scratch);
  free(host->output);
  free(host);
}

// The body runs on the state that is executing now: a binding called inside a coroutine may come back here.
luahost_failure lh_protect(luahost *host, lua_CFunction body, void *argument) {
  lua_State *L = host->running;
  const int top = lua_gettop(L);
  const size_t scratch = host->depth == 0 ? 0 : host->scratch_length;
  int status = LUA_ERRMEM;
  host->scratch_length = scratch;
  host->kind = LUAHOST_RUNTIME;
  if (host->dead == LUAHOST_OK) host->traceback[0] = host->place[0] = host->last_place[0] = 0;
  host->depth++;
  if (lua_checkstack(L, 8)) {
    lua_pushcfunction(L, lh_message_handler);  // none of these three allocates
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, argument);
    status = lua_pcall(L, 1, 0, top + 1);
  } else {
    lua_pushnil(L);  // one slot is always there for lh_render to pop
  }
  host->depth--;
  host->running = L;
  if (status != LUA_OK) {
    host->scratch_length = scratch;
    lh_render(host, L, status);
  }
  lua_settop(L, top);
  if (status == LUA_OK) return LUAHOST_OK;
  return host->dead != LUAHOST_OK ? host->dead : host->kind;
}

const uint8_t *luahost_message(const luahost *host, size_t *length) {
  *length = host->message_length;
  return (const uint8_t *)host->message;
}

const char *luahost_place(const luahost *host) { return host->place; }
const char *luahost_traceback(const luahost *host) { return host->traceback; }
int32_t luahost_result_count(const luahost *host) { return host->result_count; }
const luahost_value *luahost_result(const luahost *host, int32_t index) { return &host->results[index]; }
