// pairs in a fixed order: numbers ascending, then strings bytewise, then false, true. Lua's own order over strings changes
// from run to run, and over tables and functions it follows their addresses, so those keys are refused.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

typedef struct key {
  int rank;        // 0 number, 1 string, 2 boolean
  bool is_float;
  int place;       // in the array of unsorted keys
  lua_Integer integer;
  lua_Number number;
  const char *text;
  size_t length;
} key;

static int order_numbers(const key *a, const key *b) {
  if (!a->is_float && !b->is_float) return (a->integer > b->integer) - (a->integer < b->integer);
  const long double x = a->is_float ? (long double)a->number : (long double)a->integer;
  const long double y = b->is_float ? (long double)b->number : (long double)b->integer;
  return (x > y) - (x < y);
}

static int order(const void *left, const void *right) {
  const key *a = left, *b = right;
  if (a->rank != b->rank) return a->rank - b->rank;
  if (a->rank == 0) return order_numbers(a, b);
  if (a->rank == 2) return (int)(a->integer - b->integer);
  const int found = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
  return found != 0 ? found : (a->length > b->length) - (a->length < b->length);
}

static void read_key(lua_State *L, key *it) {
  switch (lua_type(L, -1)) {
  case LUA_TNUMBER:
    it->rank = 0;
    it->is_float = !lua_isinteger(L, -1);
    if (it->is_float) it->number = lua_tonumber(L, -1);
    else it->integer = lua_tointeger(L, -1);
    return;
  case LUA_TSTRING:
    it->rank = 1;
    it->text = lua_tolstring(L, -1, &it->length);
    return;
  case LUA_TBOOLEAN:
    it->rank = 2;
    it->integer = lua_toboolean(L, -1);
    return;
  default:
    lh_error(L, "pairs over keys of type %s has no fixed order; use an array", luaL_typename(L, -1));
  }
}

// Upvalues: sorted keys, place of the last one given. Entries that became nil meanwhile are passed over.
static int step(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_Integer place = lua_tointeger(L, lua_upvalueindex(2));
  for (;;) {
    if (lua_rawgeti(L, lua_upvalueindex(1), ++place) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) != LUA_TNIL) {
      lua_pushinteger(L, place);
      lua_replace(L, lua_upvalueindex(2));
      return 2;
    }
    lua_settop(L, 1);
  }
}

// Pushes the keys of the table at 1 as an array and returns their number; *sorted tells whether they came in order.
static int collect(lua_State *L, bool *sorted) {
  key last = { 0 }, now = { 0 };
  int count = 0;
  *sorted = true;
  // The length may be near 2^63 with a dozen of entries.
  const lua_Unsigned length = lua_rawlen(L, 1);
  lua_createtable(L, length <= lh_host(L)->used / sizeof(void *) ? (int)length : 0, 0);
  const int keys = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, 1) != 0) {
    lua_pop(L, 1);
    if (lh_is_hidden_key(L, -1)) continue;
    read_key(L, &now);
    if (count > 0 && order(&last, &now) > 0) *sorted = false;
    last = now;
    lh_charge(L, now.rank == 1 ? 6 + (int64_t)(now.length / LH_BYTES_PER_FUEL) : 6);
    lua_pushvalue(L, -1);
    lua_rawseti(L, keys, ++count);
  }
  return count;
}

// Replaces the array of keys on top by a sorted one.
static void sort_keys(lua_State *L, int count) {
  const int keys = lua_gettop(L);
  key *all = lua_newuserdatauv(L, (size_t)count * sizeof *all, 0);  // Lua's, so that it is freed whatever happens
  int64_t bytes = 0, comparisons = 1;
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, keys, i + 1);
    read_key(L, &all[i]);
    all[i].place = i + 1;
    if (all[i].rank == 1) bytes += (int64_t)all[i].length;
    lua_pop(L, 1);
  }
  for (int i = count; i > 1; i /= 2) comparisons++;
  lh_charge(L, comparisons * (count + bytes / LH_BYTES_PER_FUEL));
  qsort(all, (size_t)count, sizeof *all, order);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, keys, all[i].place);
    lua_rawseti(L, -2, i + 1);
  }
  lua_replace(L, keys);
  lua_settop(L, keys);
}

int lh_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lh_charge_walk(L);
  lua_settop(L, 1);
  bool sorted;
  const int count = collect(L, &sorted);
  if (!sorted) sort_keys(L, count);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, step, 2);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}
