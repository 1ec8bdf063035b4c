// Functions only the prelude has.
#include "internal.h"

// where([n]) -> file, line of the nth script frame from here (1 the nearest), or nothing.
static int where(lua_State *L) {
  lua_Debug ar;
  if (!lh_script_frame(L, (int)luaL_optinteger(L, 1, 1), &ar)) return 0;
  lua_pushstring(L, ar.source + 1);
  if (ar.currentline <= 0) return 1;
  lua_pushinteger(L, ar.currentline);
  return 2;
}

// fail(message [, n]) raises at the nth script frame.
static int fail(lua_State *L) {
  luaL_checkstring(L, 1);
  lh_push_where(L, (int)luaL_optinteger(L, 2, 1));
  lua_pushvalue(L, 1);
  lua_concat(L, 2);
  return lua_error(L);
}

// try(f, ...) -> true, results... or false, error, traceback, "file:line" of the nearest script frame.
static int end_try(lua_State *L, int status, lua_KContext below) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)below;
  lh_caught(L, status);
  luahost *host = lh_host(L);
  lua_settop(L, 3);                     // handler, true, error
  lua_pushboolean(L, 0);
  lua_replace(L, 2);
  lua_pushstring(L, host->traceback);
  lua_pushstring(L, host->last_place);
  return 4;
}

static int try(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushcfunction(L, lh_message_handler);
  lua_insert(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 2);
  return end_try(L, lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 1, end_try), 1);
}

// traceback([co]) -> text, script frames only.
static int traceback(lua_State *L) {
  char text[LH_TRACEBACK_ROOM];
  lua_State *of = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
  lh_build_traceback(of, text, sizeof text);
  lua_pushstring(L, text);
  return 1;
}

// suggest(word, table [, table]) -> "; did you mean 'x'?" or "".
static int suggest(lua_State *L) {
  const char *word = luaL_checkstring(L, 1);
  lua_settop(L, 3);
  lh_push_suggestion(L, word, 2, 3);
  return 1;
}

// no_more(owner, most, ...) raises where a function that takes `most` arguments was given another.
static int no_more(lua_State *L) {
  const int extra = lua_gettop(L) - 2, most = (int)luaL_checkinteger(L, 2);
  return extra > 0 ? lh_too_many(L, luaL_checkstring(L, 1), most, most + extra) : 0;
}

// __index behind a frozen table: upvalue 1 is its name.
static int unknown_field(lua_State *L) {
  const char *owner = lua_tostring(L, lua_upvalueindex(1));
  if (lua_type(L, 2) != LUA_TSTRING) return lh_error(L, "%s has no fields of type %s", owner, luaL_typename(L, 2));
  const char *name = lua_tostring(L, 2);
  lh_push_suggestion(L, name, 1, 0);
  return lh_error(L, "%s has no field '%s'%s", owner, name, lua_tostring(L, -1));
}

void lh_raise_unknown_fields(lua_State *L, const char *name) {
  lua_createtable(L, 0, 1);
  lua_pushstring(L, name);
  lua_pushcclosure(L, unknown_field, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}

// frozen(table, name) -> a read-only view of it, in which an unknown field is an error.
static int frozen(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *name = luaL_checkstring(L, 2);
  lua_pushvalue(L, 1);
  if (!lua_getmetatable(L, 1)) lh_raise_unknown_fields(L, name);
  else lua_pop(L, 1);
  lh_freeze(L, name);
  return 1;
}

const luaL_Reg lh_trusted[] = {
  { "where", where }, { "fail", fail }, { "try", try }, { "traceback", traceback }, { "suggest", suggest },
  { "frozen", frozen }, { "resume", lh_resume_task }, { "properties", lh_properties }, { "expect_self", lh_expect_self },
  { "no_more", no_more }, { "members", lh_members },
  { NULL, NULL }
};
