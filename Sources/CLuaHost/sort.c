// table.sort: a merge sort. It is stable, never asks more than n log n questions whatever the comparison answers, and asks
// no clock (the library's pivot does). Elements are written back when all is decided, so an error leaves the table as it was.
#include "internal.h"

enum { TABLE = 1, LESS = 2, FIRST_COPY = 3, SECOND_COPY = 4 };

// With values b, a on top (a last): whether b comes before a. Pops nothing.
static bool comes_before(lua_State *L) {
  if (!lua_isnil(L, LESS)) {
    lua_pushvalue(L, LESS);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    const bool answer = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return answer;
  }
  const int b = lua_type(L, -2), a = lua_type(L, -1);
  if (a == b && a == LUA_TNUMBER) return lua_compare(L, -2, -1, LUA_OPLT);
  if (a == b && a == LUA_TSTRING) {
    const lua_Unsigned one = lua_rawlen(L, -2), other = lua_rawlen(L, -1);
    lh_charge(L, (int64_t)((one < other ? one : other) / LH_BYTES_PER_FUEL));
    return lua_compare(L, -2, -1, LUA_OPLT);
  }
  const bool known = luaL_getmetafield(L, -1, "__lt") != LUA_TNIL || luaL_getmetafield(L, -2, "__lt") != LUA_TNIL;
  if (!known) {
    if (a == b) lh_error(L, "attempt to compare two %s values", lua_typename(L, a));
    lh_error(L, "attempt to compare %s with %s", lua_typename(L, b), lua_typename(L, a));
  }
  lua_pop(L, 1);
  return lua_compare(L, -2, -1, LUA_OPLT);
}

static void copy(lua_State *L, int from, int to, lua_Integer first, lua_Integer last) {
  for (lua_Integer i = first; i <= last; i++) {
    lua_rawgeti(L, from, i);
    lua_rawseti(L, to, i);
  }
}

// Merges the runs [first, middle) and [middle, end) of `from` into `to`.
static void merge(lua_State *L, int from, int to, lua_Integer first, lua_Integer middle, lua_Integer end) {
  lua_Integer left = first, right = middle, place = first;
  if (right < end) {
    lua_rawgeti(L, from, right);
    lua_rawgeti(L, from, left);
    while (left < middle && right < end) {
      if (comes_before(L)) {
        lua_pushvalue(L, -2);
        lua_rawseti(L, to, place++);
        lua_rawgeti(L, from, ++right);
        lua_replace(L, -3);
      } else {
        lua_rawseti(L, to, place++);
        lua_rawgeti(L, from, ++left);
      }
    }
    lua_pop(L, 2);
  }
  for (; left < middle; left++) {
    lua_rawgeti(L, from, left);
    lua_rawseti(L, to, place++);
  }
  for (; right < end; right++) {
    lua_rawgeti(L, from, right);
    lua_rawseti(L, to, place++);
  }
}

int lh_sort(lua_State *L) {
  luaL_checktype(L, TABLE, LUA_TTABLE);
  lh_refuse_metamethod(L, TABLE, "__len", "sort");
  lh_refuse_metamethod(L, TABLE, "__newindex", "sort");
  if (!lua_isnoneornil(L, LESS)) luaL_checktype(L, LESS, LUA_TFUNCTION);
  const lua_Integer count = lh_length(L, TABLE, "sort");
  lua_settop(L, LESS);
  if (count < 2) return 0;
  lh_charge(L, count * 4);
  lua_createtable(L, (int)count, 0);
  lua_createtable(L, (int)count, 0);
  copy(L, TABLE, FIRST_COPY, 1, count);
  int from = FIRST_COPY, to = SECOND_COPY;
  for (lua_Integer width = 1; width < count; width *= 2) {
    for (lua_Integer first = 1; first <= count; first += 2 * width) {
      const lua_Integer middle = first + width <= count + 1 ? first + width : count + 1;
      const lua_Integer end = middle + width <= count + 1 ? middle + width : count + 1;
      lh_charge(L, (end - first) * 4);
      if (end - first > 1000 || (first & 1023) == 1) lh_check_stop(L);
      merge(L, from, to, first, middle, end);
    }
    const int spare = from;
    from = to;
    to = spare;
  }
  copy(L, from, TABLE, 1, count);
  return 0;
}
