// string.find, match, gmatch and gsub over the counted matcher.
#define _GNU_SOURCE
#include <string.h>
#include "pattern.h"

static lh_match begin(lua_State *L, const char *subject, size_t subject_length, const char *pattern, size_t length) {
  return (lh_match){
    .L = L, .subject = subject, .subject_end = subject + subject_length, .pattern_end = pattern + length
  };
}

// From 0 for the first character; past the end is allowed by one, and more is told by a number larger than that.
static size_t start_of(lua_Integer wanted, size_t length) {
  if (wanted > 0) return (size_t)wanted - 1;
  if (wanted == 0 || wanted < -(lua_Integer)length) return 0;
  return length + (size_t)wanted;
}

// Pushes capture `number`; number 0 of a pattern without captures is the whole match.
static void push_capture(lh_match *m, int number, const char *start, const char *end) {
  if (number >= m->captures) {
    if (number != 0) lh_error(m->L, "invalid capture index %%%d", number + 1);
    lua_pushlstring(m->L, start, (size_t)(end - start));
  } else if (m->capture[number].length == LH_CAPTURE_POSITION) {
    lua_pushinteger(m->L, m->capture[number].start - m->subject + 1);
  } else if (m->capture[number].length == LH_CAPTURE_OPEN) {
    lh_error(m->L, "unfinished capture");
  } else {
    lua_pushlstring(m->L, m->capture[number].start, (size_t)m->capture[number].length);
  }
}

static int push_captures(lh_match *m, const char *start, const char *end, bool whole_if_none) {
  const int count = m->captures == 0 && whole_if_none ? 1 : m->captures;
  luaL_checkstack(m->L, count + 2, "captures");
  for (int i = 0; i < count; i++) push_capture(m, i, start, end);
  return count;
}

static bool has_specials(const char *pattern, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (pattern[i] != 0 && strchr("^$*+?.([%-", pattern[i]) != NULL) return true;
  }
  return false;
}

static int find_plain(lua_State *L, const char *subject, size_t subject_length, const char *pattern, size_t length,
                      size_t from) {
  lh_charge(L, (int64_t)((subject_length - from) / 2 + length / 4));
  const char *found = memmem(subject + from, subject_length - from, pattern, length);
  if (found == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, found - subject + 1);
  lua_pushinteger(L, found - subject + (lua_Integer)length);
  return 2;
}

// Looks for the pattern from `s` on. Returns the start of the match and its end in *end, or NULL.
static const char *search(lh_match *m, const char *s, const char *p, bool anchored, const char **end) {
  do {
    *end = lh_match_at(m, s, p);
    if (*end != NULL) return s;
  } while (!anchored && s++ < m->subject_end);
  return NULL;
}

static int find_or_match(lua_State *L, bool find) {
  size_t subject_length, length;
  const char *subject = luaL_checklstring(L, 1, &subject_length), *pattern = luaL_checklstring(L, 2, &length);
  const size_t from = start_of(luaL_optinteger(L, 3, 1), subject_length);
  if (from > subject_length) {
    lua_pushnil(L);
    return 1;
  }
  if (length > 64) lh_charge(L, (int64_t)(length / 4));
  if (find && (lua_toboolean(L, 4) || !has_specials(pattern, length))) {
    return find_plain(L, subject, subject_length, pattern, length, from);
  }
  lh_match m = begin(L, subject, subject_length, pattern, length);
  const bool anchored = length > 0 && *pattern == '^';
  m.steps = 4;
  const char *end, *start = search(&m, subject + from, pattern + anchored, anchored, &end);
  lh_match_settle(&m);
  if (start == NULL) {
    lua_pushnil(L);
    return 1;
  }
  if (!find) return push_captures(&m, start, end, true);
  lua_pushinteger(L, start - subject + 1);
  lua_pushinteger(L, end - subject);
  return 2 + push_captures(&m, NULL, NULL, false);
}

static int find(lua_State *L) { return find_or_match(L, true); }
static int match(lua_State *L) { return find_or_match(L, false); }

// Upvalues: subject, pattern, where to look next, where the last match ended (an empty match is not wanted there again).
static int next_match(lua_State *L) {
  size_t subject_length, length;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &subject_length);
  const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &length);
  const size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));
  const char *last = subject + lua_tointeger(L, lua_upvalueindex(4));
  lh_match m = begin(L, subject, subject_length, pattern, length);
  lh_charge(L, 4);
  for (const char *s = subject + from; from <= subject_length && s <= m.subject_end; s++) {
    const char *end = lh_match_at(&m, s, pattern);
    if (end == NULL || end == last) continue;
    lh_match_settle(&m);
    lua_pushinteger(L, end - subject);
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return push_captures(&m, s, end, true);
  }
  lh_match_settle(&m);
  return 0;
}

static int gmatch(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  const size_t from = start_of(luaL_optinteger(L, 3, 1), length);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)(from > length ? length + 1 : from));
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

// Replacement text: `%0` to `%9` and `%%`.
static void add_text(lh_match *m, luaL_Buffer *buffer, const char *start, const char *end) {
  size_t length;
  const char *text = lua_tolstring(m->L, 3, &length);
  m->steps += (int64_t)length / 8;
  for (const char *stop = text + length; text < stop; text++) {
    if (*text != '%') {
      luaL_addchar(buffer, *text);
    } else if (++text < stop && *text == '%') {
      luaL_addchar(buffer, '%');
    } else if (text < stop && *text == '0') {
      luaL_addlstring(buffer, start, (size_t)(end - start));
    } else if (text < stop && *text >= '1' && *text <= '9') {
      push_capture(m, *text - '1', start, end);
      luaL_addvalue(buffer);
    } else {
      lh_error(m->L, "invalid use of '%%' in replacement string");
    }
  }
}

static void add_replacement(lh_match *m, luaL_Buffer *buffer, const char *start, const char *end) {
  lua_State *L = m->L;
  switch (lua_type(L, 3)) {
  case LUA_TFUNCTION:
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(m, start, end, true), 1);
    break;
  case LUA_TTABLE:
    push_capture(m, 0, start, end);
    lua_gettable(L, 3);
    break;
  default:
    add_text(m, buffer, start, end);
    return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(buffer, start, (size_t)(end - start));
  } else if (lua_isstring(L, -1)) {
    luaL_addvalue(buffer);
  } else {
    lh_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  }
}

static int gsub(lua_State *L) {
  size_t subject_length, length;
  const char *s = luaL_checklstring(L, 1, &subject_length), *pattern = luaL_checklstring(L, 2, &length);
  const int type = lua_type(L, 3);
  luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                   "string/function/table");
  const lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)subject_length + 1);
  const bool anchored = length > 0 && *pattern == '^';
  lh_match m = begin(L, s, subject_length, pattern, length);
  const char *last = NULL;
  lua_Integer count = 0;
  luaL_Buffer buffer;
  lua_settop(L, 3);
  luaL_buffinit(L, &buffer);
  while (count < most) {
    const char *end = lh_match_at(&m, s, pattern + anchored);
    if (end != NULL && end != last) {
      count++;
      add_replacement(&m, &buffer, s, end);
      s = last = end;
    } else if (s < m.subject_end) {
      luaL_addchar(&buffer, *s++);
    } else {
      break;
    }
    if (anchored) break;
  }
  luaL_addlstring(&buffer, s, (size_t)(m.subject_end - s));
  luaL_pushresult(&buffer);
  lua_pushinteger(L, count);
  lh_match_settle(&m);
  return 2;
}

const luaL_Reg lh_pattern[] = {
  { "find", find }, { "match", match }, { "gmatch", gmatch }, { "gsub", gsub }, { NULL, NULL }
};
