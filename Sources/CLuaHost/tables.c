// table.*: raw, bounded by the length of the table, charged by what they move. The library's follow __len and can be sent
// over 2^60 elements without the hook being asked once.
#include <limits.h>
#include "internal.h"

enum { UNPACKED_MAX = 65536, MOVED_MAX = 1 << 24, MOVE_FUEL = 2, MOVED_AT_A_TIME = 4096 };

// Lua's length is any border. With keys at powers of two and nothing between them it is near 2^63, and no sum of it is safe: what the
// script's memory cannot hold is no length.
lua_Integer lh_length(lua_State *L, int index, const char *function) {
  const luahost *host = lh_host(L);
  const lua_Unsigned length = lua_rawlen(L, index), most = host->limits.memory / sizeof(void *);
  if (length > most || length > INT_MAX - 8) {
    lh_error(L, "table.%s: the table is no list: its length, %I, is more than it can hold", function, (LUAI_UACINT)length);
  }
  return (lua_Integer)length;
}

static lua_Integer check(lua_State *L, int index, const char *function, bool writes) {
  luaL_checktype(L, index, LUA_TTABLE);
  if (lua_getmetatable(L, index)) {
    lua_pop(L, 1);
    lh_refuse_metamethod(L, index, "__len", function);
    if (writes) lh_refuse_metamethod(L, index, "__newindex", function);
  }
  return lh_length(L, index, function);
}

// Moves `count` elements of the table at `from`, those from `first` on, to `to` and on in the table at `target`; backwards where each would
// else overwrite one that is still to be moved. Charged and open to a stop every few thousand, so that it ends where the fuel does.
static void move_elements(lua_State *L, int from, lua_Integer first, lua_Integer count, int target, lua_Integer to, bool backwards) {
  for (lua_Integer i = 0; i < count; i++) {
    if (i % MOVED_AT_A_TIME == 0) {
      const lua_Integer left = count - i;
      lh_charge(L, (left < MOVED_AT_A_TIME ? left : MOVED_AT_A_TIME) * MOVE_FUEL);
      lh_check_stop(L);
    }
    const lua_Integer offset = backwards ? count - 1 - i : i;
    lua_rawgeti(L, from, first + offset);
    lua_rawseti(L, target, to + offset);
  }
}

static int insert(lua_State *L) {
  const lua_Integer count = check(L, 1, "insert", true);
  lua_Integer place = count + 1;
  if (lua_gettop(L) == 3) {
    place = luaL_checkinteger(L, 2);
    if (place < 1 || place > count + 1) {
      return lh_error(L, "table.insert: position %I is outside 1 to %I", (LUAI_UACINT)place, (LUAI_UACINT)count + 1);
    }
    move_elements(L, 1, place, count + 1 - place, 1, place + 1, true);
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
  move_elements(L, 1, place + 1, count - place, 1, place, false);
  lua_pushnil(L);
  lua_rawseti(L, 1, count);
  return 1;
}

static int concat(lua_State *L) {
  const lua_Integer count = check(L, 1, "concat", false);
  size_t separator_length, total = 0;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  const lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, count);
  luaL_Buffer buffer;
  lua_settop(L, 2);
  if (first > last) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (first < 1 || last > count) {
    return lh_error(L, "table.concat: %I to %I is outside 1 to %I", (LUAI_UACINT)first, (LUAI_UACINT)last, (LUAI_UACINT)count);
  }
  luaL_buffinit(L, &buffer);
  for (lua_Integer i = first; i <= last; i++) {
    size_t length;
    const int type = lua_rawgeti(L, 1, i);
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
      return lh_error(L, "table.concat: element %I is a %s value", (LUAI_UACINT)i, luaL_typename(L, -1));
    }
    int64_t fuel = type == LUA_TNUMBER ? lh_number_fuel(L, -1) : 0;
    lua_tolstring(L, -1, &length);
    if (i < last) length += separator_length;
    fuel += MOVE_FUEL + (int64_t)(length / LH_BYTES_PER_FUEL);
    lh_charge(L, fuel);
    total += length;
    if (total > LH_RESULT_MAX) return lh_error(L, "table.concat: result larger than 1 MiB");
    luaL_addvalue(&buffer);
    if (i < last) luaL_addlstring(&buffer, separator, separator_length);
  }
  luaL_pushresult(&buffer);
  return 1;
}

static int unpack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const bool is_to_end = lua_isnoneornil(L, 3);
  const lua_Integer count = is_to_end ? check(L, 1, "unpack", false) : 0;
  if (!is_to_end) lh_refuse_metamethod(L, 1, "__len", "unpack");
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
  for (int table = 1; table <= target; table += 4) {
    luaL_checktype(L, table, LUA_TTABLE);
    lh_refuse_metamethod(L, table, "__len", "move");
    if (table == target) lh_refuse_metamethod(L, table, "__newindex", "move");
  }
  if (first <= last) {
    const lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= MOVED_MAX || to > LUA_MAXINTEGER - (lua_Integer)count) {
      return lh_error(L, "table.move: too many elements to move");
    }
    // The target may be the source by another name.
    const bool overlaps = to > first && to <= last && lua_rawequal(L, 1, target);
    move_elements(L, 1, first, (lua_Integer)count + 1, target, to, overlaps);
  }
  lua_pushvalue(L, target);
  return 1;
}

const luaL_Reg lh_table[] = {
  { "insert", insert }, { "remove", take }, { "concat", concat }, { "unpack", unpack }, { "move", move },
  { "sort", lh_sort }, { NULL, NULL }
};
