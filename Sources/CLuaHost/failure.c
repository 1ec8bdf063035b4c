// A failure as text. Everything here writes into rooms of the host, so that it works when memory is what failed.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

enum { FRAMES_SHOWN = 40 };

// Lua names a function by what its caller calls it; a prelude's word for it would only puzzle.
static bool called_by_script(lua_State *L, int level) {
  lua_Debug caller;
  return lua_getstack(L, level + 1, &caller) && lua_getinfo(L, "S", &caller) && caller.source[0] == '@';
}

// Only frames of scripts are shown: the prelude's are not the reader's.
void lh_build_traceback(lua_State *L, char *room, size_t size) {
  lua_Debug ar;
  size_t length = 0;
  int shown = 0;
  room[0] = 0;
  for (int level = 0; level < 1000 && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Slnt", &ar);
    if (ar.source[0] != '@') continue;
    if (++shown > FRAMES_SHOWN) {
      snprintf(room + length, size - length, "\n  ...");
      return;
    }
    int written = snprintf(room + length, size - length, "%s  %s:%d: in ", shown == 1 ? "" : "\n", ar.source + 1,
                           ar.currentline);
    if (written < 0 || (size_t)written >= size - length) break;
    length += (size_t)written;
    if (ar.what[0] == 'm') written = snprintf(room + length, size - length, "main chunk");
    else if (ar.name != NULL && called_by_script(L, level)) written = snprintf(room + length, size - length, "%s '%s'",
                                                 ar.namewhat[0] != 0 ? ar.namewhat : "function", ar.name);
    else written = snprintf(room + length, size - length, "function of line %d", ar.linedefined);
    if (written < 0 || (size_t)written >= size - length) break;
    length += (size_t)written;
  }
}

int lh_message_handler(lua_State *L) {
  luahost *host = lh_host(L);
  if (host->dead == LUAHOST_OK) lh_note_place(L, host->last_place);
  lh_build_traceback(L, host->traceback, sizeof host->traceback);
  return 1;
}

void lh_grouped(int64_t number, char *room) {
  char digits[24];
  const int count = snprintf(digits, sizeof digits, "%lld", (long long)number);
  for (int i = 0; i < count; i++) {
    *room++ = digits[i];
    if ((count - i - 1) % 3 == 0 && i + 1 < count && digits[i] != '-') *room++ = ',';
  }
  *room = 0;
}

void lh_sized(size_t bytes, char *room) {
  char number[32];
  const char *unit = "bytes";
  if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) { bytes >>= 20; unit = "MiB"; }
  else if (bytes >= 1 << 10 && bytes % (1 << 10) == 0) { bytes >>= 10; unit = "KiB"; }
  lh_grouped((int64_t)bytes, number);
  snprintf(room, 40, "%s %s", number, unit);
}

static void set_message(luahost *host, const char *text, size_t length) {
  size_t kept = length;
  if (kept > LH_MESSAGE_MAX) {
    kept = LH_MESSAGE_MAX;
    while (kept > LH_MESSAGE_MAX - 4 && ((unsigned char)text[kept] & 0xC0) == 0x80) kept--;  // not inside a character
  }
  memcpy(host->message, text, kept);
  if (kept < length) {
    const size_t more = length - kept;
    const int tail = more >= 10 * 1024
        ? snprintf(host->message + kept, LH_MESSAGE_ROOM - kept, "\xE2\x80\xA6 (%zu KB more)", more / 1024)
        : snprintf(host->message + kept, LH_MESSAGE_ROOM - kept, "\xE2\x80\xA6 (%zu bytes more)", more);
    kept += (size_t)tail;
  }
  host->message[kept] = 0;
  host->message_length = kept;
}

void lh_fail(luahost *host, const char *format, ...) {
  char text[LH_MESSAGE_MAX];
  va_list list;
  va_start(list, format);
  const int length = vsnprintf(text, sizeof text, format, list);
  va_end(list);
  set_message(host, text, length < (int)sizeof text ? (size_t)length : sizeof text - 1);
}

static void render_death(luahost *host) {
  char limit[48];
  switch (host->dead) {
  case LUAHOST_FUEL:
    lh_grouped(host->limits.fuel, limit);
    lh_fail(host, "work limit of %s reached (--fuel)", limit);
    break;
  case LUAHOST_MEMORY:
    if (host->ending[0] != 0) {
      lh_fail(host, "%s", host->ending);
    } else if (host->dead_by_depth) {
      lh_fail(host, "stack overflow: more than 20,000 calls inside each other");
    } else if (host->refused_by_host) {
      lh_sized(host->limits.memory, limit);
      lh_fail(host, "the system gives the script no more memory, below its limit of %s (--memory)", limit);
    } else if (host->refused_block) {
      lh_sized(host->limits.block, limit);
      lh_fail(host, "script memory limit of %s for one string or table reached (--block)", limit);
    } else {
      lh_sized(host->limits.memory, limit);
      lh_fail(host, "script memory limit of %s reached (--memory)", limit);
    }
    break;
  default:
    lh_fail(host, "%s", lh_stop_reason(host));
  }
}

// A field of an error table, by raw access. Only text and numbers are shown, and numbers only as copies.
static size_t add_field(lua_State *L, const char *key, char *room, size_t size) {
  size_t length = 0;
  lua_pushstring(L, key);
  lua_rawget(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER) {
    const char *text = lua_tolstring(L, -1, &length);
    if (length > size) length = size;
    memcpy(room, text, length);
  }
  lua_pop(L, 1);
  return length;
}

// Runs protected: reading a number as text and interning a key allocate.
static int render_value(lua_State *L) {
  luahost *host = lh_host(L);
  char text[LH_MESSAGE_MAX];
  size_t length = 0;
  switch (lua_type(L, 1)) {
  case LUA_TNIL:
    lh_fail(host, "error object is nil");
    return 0;
  case LUA_TSTRING:
  case LUA_TNUMBER: {
    const char *whole = lua_tolstring(L, 1, &length);
    set_message(host, whole, length);
    return 0;
  }
  case LUA_TTABLE: {
    lua_settop(L, 1);
    length = add_field(L, "code", text, sizeof text / 2);
    if (length > 0) {
      memcpy(text + length, ": ", 2);
      const size_t added = add_field(L, "message", text + length + 2, sizeof text - length - 2);
      if (added > 0) length += 2 + added;
    } else {
      length = add_field(L, "message", text, sizeof text);
    }
    if (length > 0) {
      set_message(host, text, length);
      return 0;
    }
  }
  // fallthrough
  default:
    lh_fail(host, "error object is a %s value", luaL_typename(L, 1));
    return 0;
  }
}

// Leaves text and place of the error object on top, which it pops.
void lh_render(luahost *host, lua_State *L, int status) {
  if (status == LUA_ERRMEM && host->dead == LUAHOST_OK) {
    host->dead = LUAHOST_MEMORY;
    host->traceback[0] = 0;
    memcpy(host->place, host->last_place, sizeof host->place);
  }
  if (host->dead != LUAHOST_OK) {
    render_death(host);
  } else {
    memcpy(host->place, host->last_place, sizeof host->place);
    lh_fail(host, "error object cannot be shown");
    lua_pushcfunction(L, render_value);
    lua_pushvalue(L, -2);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) lua_pop(L, 1);
  }
  lua_pop(L, 1);
}
