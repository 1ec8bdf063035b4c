// table.*: raw, bounded by the length of the table, charged by what they move. The library's follow __len and can be sent
// over 2^60 elements without the hook being asked once.
#include "internal.h"

enum { UNPACKED_MAX = 65536, MOVED_MAX = 1 << 24 };

static lua_Integer check(lua_State *L, int index, const char *function, bool writes) {
  luaL_checktype(L, index, LUA_TTABLE);
  if (lua_getmetatable(L, index)) {
    lua_pop(L, 1);
    lh_refuse_metamethod(L, index, "__len", function);
    if (writes) lh_refuse_metamethod(L, index, "__newindex", function);
  }
  return (lua_Integer)lua_rawlen(L, index);
}

static int insert(lua_State *L) {
  const lua_Integer count = check(L, 1, "insert", true);
  lua_Integer place = count + 1;
  if (lua_gettop(L) == 3) {
    place = luaL_checkinteger(L, 2);
    if (place < 1 || place > count + 1) {
      return lh_error(L, "table.insert: position %I is outside 1 to %I", (LUAI_UACINT)place, (LUAI_UACINT)count + 1);
    }
    lh_charge(L, (count - place + 1) * 2);
    for (lua_Integer i = count; i >= place; i--) {
      lua_rawgeti(L, 1, i);
      lua_rawseti(L, 1, i + 1);
    }
  } else if (lua_gettop(L) != 2) {
    return lh_error(L, "table.insert: expected 2 or 3 arguments, got %d", lua_gettop(L));
  }
  lua_rawseti(L, 1, place);
  return 0;
}

static int take(lua_State *L) {
  const lua_Integer count = check(L, 1, "remove", true);
  lua_Integer place = luaL_optinteger(L, 2, count);
  if (lua_gettop(L) > 1 && (place < 1 || place > count + 1) && !(count == 0 && place == 0)) {
    return lh_error(L, "table.remove: position %I is outside 1 to %I", (LUAI_UACINT)place, (LUAI_UACINT)count + 1);
  }
  lua_rawgeti(L, 1, place);
  if (place < 1 || place > count) return 1;
  lh_charge(L, (count - place) * 2);
  for (; place < count; place++) {
    lua_rawgeti(L, 1, place + 1);
    lua_rawseti(L, 1, place);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, place);
  return 1;
}

static int concat(lua_State *L) {
  const lua_Integer count = check(L, 1, "concat", false);
  size_t separator_length, total = 0;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  const lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, count);
  luaL_Buffer buffer;
  lua_settop(L, 2);
  if (first < 1 || last > count) {
    if (first <= last) {
      return lh_error(L, "table.concat: %I to %I is outside 1 to %I", (LUAI_UACINT)first, (LUAI_UACINT)last,
                      (LUAI_UACINT)count);
    }
  }
  if (first <= last) lh_charge(L, (last - first + 1) * 2);
  luaL_buffinit(L, &buffer);
  for (lua_Integer i = first; i <= last; i++) {
    size_t length;
    const int type = lua_rawgeti(L, 1, i);
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
      return lh_error(L, "table.concat: element %I is a %s value", (LUAI_UACINT)i, luaL_typename(L, -1));
    }
    lua_tolstring(L, -1, &length);
    total += length + (i < last ? separator_length : 0);
    if (total > LH_RESULT_MAX) return lh_error(L, "table.concat: result larger than 1 MiB");
    luaL_addvalue(&buffer);
    if (i < last) luaL_addlstring(&buffer, separator, separator_length);
  }
  luaL_pushresult(&buffer);
  return 1;
}

static int unpack(lua_State *L) {
  const lua_Integer count = check(L, 1, "unpack", false);
  const lua_Integer first = luaL_optinteger(L, 2, 1), last = luaL_optinteger(L, 3, count);
  if (first > last) return 0;
  const lua_Unsigned wanted = (lua_Unsigned)last - (lua_Unsigned)first;
  if (wanted >= UNPACKED_MAX || !lua_checkstack(L, (int)wanted + 1)) {
    return lh_error(L, "table.unpack: too many results, at most 65,536");
  }
  lh_charge(L, (int64_t)wanted + 1);
  for (lua_Integer i = first; i < last; i++) lua_rawgeti(L, 1, i);
  lua_rawgeti(L, 1, last);
  return (int)wanted + 1;
}

static int move(lua_State *L) {
  const lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
  const int target = lua_isnoneornil(L, 5) ? 1 : 5;
  check(L, 1, "move", target == 1);
  if (target == 5) check(L, 5, "move", true);
  if (first <= last) {
    const lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= MOVED_MAX || to > LUA_MAXINTEGER - (lua_Integer)count) {
      return lh_error(L, "table.move: too many elements to move");
    }
    lh_charge(L, ((int64_t)count + 1) * 2);
    // Where source and target overlap with the target behind, copying runs backwards.
    const bool forwards = to > last || to <= first || target == 5;
    for (lua_Integer i = 0; i <= (lua_Integer)count; i++) {
      const lua_Integer offset = forwards ? i : (lua_Integer)count - i;
      lua_rawgeti(L, 1, first + offset);
      lua_rawseti(L, target, to + offset);
    }
  }
  lua_pushvalue(L, target);
  return 1;
}

const luaL_Reg lh_table[] = {
  { "insert", insert }, { "remove", take }, { "concat", concat }, { "unpack", unpack }, { "move", move },
  { "sort", lh_sort }, { NULL, NULL }
};
