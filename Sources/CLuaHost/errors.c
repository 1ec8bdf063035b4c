// Positions and raising. A script's chunk is named "@file", trusted code "=name": an error says the script's line, however
// many prelude functions lie between.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

enum { LEVELS_SEARCHED = 1000 };

// Finds the nth (from 1) frame of a script, from the top.
int lh_script_frame(lua_State *L, int nth, lua_Debug *ar) {
  for (int level = 0; level < LEVELS_SEARCHED && lua_getstack(L, level, ar); level++) {
    lua_getinfo(L, "Sl", ar);
    if (ar->source[0] == '@' && --nth == 0) return 1;
  }
  return 0;
}

void lh_note_place(lua_State *L, char *room) {
  lua_Debug ar;
  room[0] = 0;
  if (!lh_script_frame(L, 1, &ar)) return;
  if (ar.currentline > 0) snprintf(room, LH_PLACE_ROOM, "%s:%d", ar.source + 1, ar.currentline);
  else snprintf(room, LH_PLACE_ROOM, "%s", ar.source + 1);
}

void luahost_script_place(luahost *host, char *room, size_t size) {
  char place[LH_PLACE_ROOM];
  lh_note_place(host->running, place);
  snprintf(room, size, "%s", place);
}

// Pushes "file:line: " of the nth script frame, or an empty string.
void lh_push_where(lua_State *L, int nth) {
  lua_Debug ar;
  if (lh_script_frame(L, nth, &ar) && ar.currentline > 0) {
    lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
  } else {
    lua_pushliteral(L, "");
  }
}

int lh_error(lua_State *L, const char *format, ...) {
  va_list list;
  va_start(list, format);
  lh_push_where(L, 1);
  lua_pushvfstring(L, format, list);
  va_end(list);
  lua_concat(L, 2);
  return lua_error(L);
}

int lh_error_at(lua_State *L, int nth, const char *format, ...) {
  va_list list;
  va_start(list, format);
  lh_push_where(L, nth);
  lua_pushvfstring(L, format, list);
  va_end(list);
  lua_concat(L, 2);
  return lua_error(L);
}

// More arguments than are taken: nothing a script writes is dropped without a word.
int lh_too_many(lua_State *L, const char *owner, int most, int found) {
  return lh_error(L, "%s: expected %d %s, got %d", owner, most, most == 1 ? "argument" : "arguments", found);
}

// Calls a function of the library under a wrapper of ours. Called from C it knows neither its name nor its caller's line,
// so both are put into its message here.
int lh_call_original(lua_State *L, int arguments, int results, const char *name) {
  const int status = lua_pcall(L, arguments, results, 0);
  if (status == LUA_OK) return lua_gettop(L);
  lh_caught(L, status);
  if (lua_type(L, -1) == LUA_TSTRING) {
    lh_push_where(L, 1);
    luaL_gsub(L, lua_tostring(L, -2), "'?'", lua_pushfstring(L, "'%s'", name));
    lua_remove(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}
