// string.rep and string.format with bounds and without addresses, and library functions that must pay for long arguments.
#include <string.h>
#include "internal.h"

static int rep(lua_State *L) {
  size_t length, separator_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const lua_Integer count = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &separator_length);
  if (count <= 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (count > LH_RESULT_MAX) return lh_error(L, "string.rep: count larger than 1,048,576");
  if (length > LH_RESULT_MAX || separator_length > LH_RESULT_MAX
      || length * (size_t)count + separator_length * (size_t)(count - 1) > LH_RESULT_MAX) {
    return lh_error(L, "string.rep: result larger than 1 MiB");
  }
  const size_t unit = length + separator_length, total = unit * (size_t)count - separator_length;
  luaL_Buffer buffer;
  char *at = luaL_buffinitsize(L, &buffer, total);
  // What is there is doubled, so that the work follows the bytes, which are charged as they are allocated.
  size_t filled = total < unit ? total : unit;
  memcpy(at, text, length);
  if (filled > length) memcpy(at + length, separator, filled - length);
  while (filled < total) {
    const size_t more = filled < total - filled ? filled : total - filled;
    memcpy(at + filled, at, more);
    filled += more;
  }
  luaL_pushresultsize(&buffer, total);
  return 1;
}

// What one conversion of string.format costs: the C library's own for floats, which may have 400 digits, a look at every byte for `%q`.
static int64_t conversion_fuel(lua_State *L, char conversion, int argument) {
  switch (lua_type(L, argument)) {
  case LUA_TSTRING: return (int64_t)(lua_rawlen(L, argument) * (conversion == 'q' ? 32 : 1) / 8);
  case LUA_TNUMBER:
    if (strchr("aAeEfFgGq", conversion) == NULL) return 8;
    return lua_isinteger(L, argument) ? 60 : lh_number_fuel(L, argument) < 40 ? 60 : 450;
  default: return 0;
  }
}

// The library's function is upvalue 1. Before it is called, `%s` arguments are replaced by their text of ours.
static int format(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *const end = text + length;
  const int top = lua_gettop(L);
  int argument = 1;
  lh_charge(L, 30 + (int64_t)(length / 8));
  while (text < end) {
    if (*text++ != '%') continue;
    if (text < end && *text == '%') {
      text++;
      continue;
    }
    while (text < end && *text != 0 && strchr("-+ #0123456789.", *text) != NULL) text++;
    argument++;
    if (text < end && *text == 'p') {
      return lh_error(L, "string.format: %%p is not available: addresses differ from run to run");
    }
    if (text < end && *text == 's' && argument <= top && !lua_isstring(L, argument)) {
      lh_tostring(L, argument, NULL);
      lua_replace(L, argument);
    }
    if (text < end && argument <= top) lh_charge(L, conversion_fuel(L, *text, argument));
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return lh_call_original(L, top, LUA_MULTRET, "format");
}

// Upvalues: the library's function, its name.
static int charged(lua_State *L) {
  const int count = lua_gettop(L);
  int64_t bytes = 0;
  for (int i = 1; i <= count; i++) {
    if (lua_type(L, i) == LUA_TSTRING) bytes += (int64_t)lua_rawlen(L, i);
  }
  lh_charge(L, bytes / 4);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return lh_call_original(L, count, LUA_MULTRET, lua_tostring(L, lua_upvalueindex(2)));
}

// Replaces the library function on top.
void lh_charged_original(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_pushcclosure(L, charged, 2);
}

// Replaces the library's string.format on top.
void lh_wrap_format(lua_State *L) { lua_pushcclosure(L, format, 1); }

const luaL_Reg lh_string[] = { { "rep", rep }, { NULL, NULL } };
