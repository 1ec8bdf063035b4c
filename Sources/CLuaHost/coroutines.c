// coroutine.*: each costs fuel, the number alive is limited, and what must end a run never ends only a coroutine.
// A binding that waits yields to the scheduler of the prelude (lh_resume_task), through any coroutines of the script between.
#include "internal.h"

enum { CREATE_FUEL = 1000, RESUME_FUEL = 100, FAILED = -1 };

// Asks the collector which are alive when the count says too many: abandoned ones do not announce themselves.
static void recount(lua_State *L) {
  luahost *host = lh_host(L);
  lh_charge(L, (int64_t)(host->used / 16));
  lua_gc(L, LUA_GCCOLLECT);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_COROUTINES);
  host->live_coroutines = 0;
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    lua_pop(L, 1);
    host->live_coroutines++;
  }
  lua_pop(L, 1);
}

static lua_State *create(lua_State *L) {
  luahost *host = lh_host(L);
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lh_charge(L, CREATE_FUEL);
  if (host->live_coroutines >= host->limits.coroutines) recount(L);
  if (host->live_coroutines >= host->limits.coroutines) {
    lh_error(L, "more than %d coroutines alive", host->limits.coroutines);
  }
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_COROUTINES);
  lua_pushvalue(L, -2);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  host->live_coroutines++;
  return co;
}

// The coroutine ended; only the first to say so counts.
static void forget(lua_State *L, lua_State *co) {
  luaL_checkstack(L, 4, "coroutine");
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_COROUTINES);
  lua_pushthread(co);
  lua_xmove(co, L, 1);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, -3) != LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushnil(L);
    lua_rawset(L, -3);
    lh_host(L)->live_coroutines--;
    lua_pop(L, 1);
  } else {
    lua_pop(L, 3);
  }
}

// A coroutine between a task and a call that waits belongs to the scheduler: whoever else resumed it would make up the call's answer.
// It stands in the table as false then.
static void push_entry(lua_State *L, lua_State *co) {
  luaL_checkstack(L, 4, "coroutine");
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_COROUTINES);
  lua_pushthread(co);
  lua_xmove(co, L, 1);
}

static void set_waiting(lua_State *L, lua_State *co, bool waits) {
  push_entry(L, co);
  lua_pushboolean(L, !waits);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

static bool is_waiting(lua_State *L, lua_State *co) {
  push_entry(L, co);
  const bool waits = lua_rawget(L, -2) == LUA_TBOOLEAN && !lua_toboolean(L, -1);
  lua_pop(L, 2);
  return waits;
}

static const char *why_not(lua_State *L, lua_State *co) {
  lua_Debug ar;
  if (co == L) return "cannot resume the coroutine that is running";
  if (lua_status(co) == LUA_YIELD && is_waiting(L, co)) return "cannot resume a coroutine that waits for the end of a call";
  switch (lua_status(co)) {
  case LUA_YIELD: return NULL;
  case LUA_OK:
    if (lua_getstack(co, 0, &ar)) return "cannot resume a coroutine that is waiting for another";
    return lua_gettop(co) == 0 ? "cannot resume dead coroutine" : NULL;
  default: return "cannot resume dead coroutine";
  }
}

// Moves `count` values to `co`, lets it run, and moves back its results (their number is returned) or an error.
static int resume(lua_State *L, lua_State *co, int count, int *status) {
  luahost *host = lh_host(L);
  lh_charge(L, RESUME_FUEL + count / 4);
  const char *reason = why_not(L, co);
  if (reason == NULL && !lua_checkstack(co, count + 1)) reason = "too many arguments to resume";
  if (reason != NULL) {
    *status = LUA_ERRRUN;
    lua_pop(L, count);
    lua_pushstring(L, reason);
    return FAILED;
  }
  int results = 0;
  lua_xmove(L, co, count);
  host->running = co;
  *status = lua_resume(co, L, count, &results);
  host->running = L;
  if (*status != LUA_OK && *status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    lh_caught(L, *status);
    forget(L, co);
    return FAILED;
  }
  if (!lua_checkstack(L, results + 4)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    *status = LUA_ERRRUN;
    return FAILED;
  }
  lh_charge(L, results / 4);
  lua_xmove(co, L, results);
  if (*status == LUA_OK) forget(L, co);
  return results;
}

static lua_State *check_coroutine(lua_State *L, int index) {
  lua_State *co = lua_tothread(L, index);
  luaL_argexpected(L, co, index, "coroutine");
  return co;
}

// coroutine.resume has its coroutine at 1 (`below` 1), a wrapped one as upvalue (`below` 0); values to pass lie above.
static int run(lua_State *L, int status, lua_KContext below) {
  luahost *host = lh_host(L);
  lua_State *co = lua_tothread(L, below == 1 ? 1 : lua_upvalueindex(1));
  if (status == LUA_YIELD) set_waiting(L, co, false);
  const int count = resume(L, co, lua_gettop(L) - (int)below, &status);
  if (count != FAILED && host->host_yield) {
    if (!lua_isyieldable(L)) {
      host->host_yield = false;
      return lh_error(L, "a call inside this coroutine waits, and nothing here can wait: inside a sort or a pattern");
    }
    set_waiting(L, co, true);
    return lua_yieldk(L, count, below, run);
  }
  if (below == 0) return count == FAILED ? lua_error(L) : count;
  lua_pushboolean(L, count != FAILED);
  lua_replace(L, 1);
  return lua_gettop(L);
}

static int resume_coroutine(lua_State *L) {
  check_coroutine(L, 1);
  return run(L, LUA_OK, 1);
}

static int call_wrapped(lua_State *L) { return run(L, LUA_OK, 0); }

static int create_coroutine(lua_State *L) {
  create(L);
  return 1;
}

static int wrap(lua_State *L) {
  create(L);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

static int close(lua_State *L) {
  lua_Debug ar;
  lua_State *co = check_coroutine(L, 1);
  if (co == L || (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar))) {
    return lh_error(L, "cannot close a coroutine that is running or waits for another");
  }
  if (lua_status(co) == LUA_YIELD && is_waiting(L, co)) return lh_error(L, "cannot close a coroutine that waits for the end of a call");
  forget(L, co);
  const int status = lua_resetthread(co);
  lua_pushboolean(L, status == LUA_OK);
  if (status == LUA_OK) return 1;
  lua_xmove(co, L, 1);
  return 2;
}

// Trusted: resume(co, ...) -> "done" | "waiting" | "yielded", values... or "failed", error, traceback.
int lh_resume_task(lua_State *L) {
  luahost *host = lh_host(L);
  lua_State *co = check_coroutine(L, 1);
  int status;
  host->tasks++;
  const int count = resume(L, co, lua_gettop(L) - 1, &status);
  host->tasks--;
  if (count == FAILED) {
    char text[LH_TRACEBACK_ROOM];
    lh_build_traceback(co, text, sizeof text);
    lua_pushliteral(L, "failed");
    lua_insert(L, -2);
    lua_pushstring(L, text);
    return 3;
  }
  lua_pushstring(L, status == LUA_OK ? "done" : host->host_yield ? "waiting" : "yielded");
  host->host_yield = false;
  lua_insert(L, -count - 1);
  return count + 1;
}

const luaL_Reg lh_coroutine[] = {
  { "create", create_coroutine }, { "wrap", wrap }, { "resume", resume_coroutine }, { "close", close }, { NULL, NULL }
};
