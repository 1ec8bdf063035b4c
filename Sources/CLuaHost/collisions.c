// Tables whose keys collide. Lua spreads numbers over a table of 2^k places by the remainder of 2^k - 1, so a script can choose
// 60,000 numbers that all belong in one place; every access then walks through all of them, inside one instruction. When a large table has
// grown, the tables in hand at the next looks of the hook are counted out, once, and what a walk takes is charged from then on.
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include "internal.h"

enum {
  NODE_BYTES = 24, NODES_WATCHED = 1024,   // of Lua 5.4
  LOOKS = 64, LONG_CHAIN = 64, CHAIN_PER_FUEL = 4
};

// Told of every vector that is made.
void lh_watch_table(luahost *host, size_t bytes) {
  const size_t places = bytes / NODE_BYTES;
  if (bytes % NODE_BYTES != 0 || places < NODES_WATCHED || (places & (places - 1)) != 0) return;
  if (bytes > host->largest_nodes) host->largest_nodes = bytes;
  host->table_places = places;
  host->table_looks = LOOKS;
}

// Where Lua looks first for the number on top.
static size_t place_of(lua_State *L, size_t places) {
  if (lua_isinteger(L, -1)) return (size_t)((lua_Unsigned)lua_tointeger(L, -1) % (places - 1));
  int exponent;
  const lua_Number scaled = frexp(lua_tonumber(L, -1), &exponent) * -(lua_Number)INT_MIN;
  if (!(scaled >= -0x1p62 && scaled <= 0x1p62)) return 0;
  const unsigned sum = (unsigned)exponent + (unsigned)(lua_Integer)scaled;
  return (sum <= INT_MAX ? sum : ~sum) % (places - 1);
}

// Counts the table on top out while a large one is looked for.
void lh_count_collisions(lua_State *L) {
  luahost *host = lh_host(L);
  const size_t places = host->table_places;
  // Growing puts every key in its next place by one instruction, so where they will collide counts as well.
  unsigned *chains = calloc(places * 3, sizeof *chains);
  if (chains == NULL) return;
  size_t looked = 0, numbers = 0;
  unsigned longest = 0;
  // What is in order from 1 on lies in an array. The key asked for is there, so this cannot raise.
  const lua_Unsigned length = lua_rawlen(L, -1);
  if (length > 0) lua_pushinteger(L, (lua_Integer)length);
  else lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    lua_pop(L, 1);
    looked++;
    if (lua_type(L, -1) != LUA_TNUMBER) continue;
    numbers++;
    const unsigned now = ++chains[place_of(L, places)], next = ++chains[places + place_of(L, places * 2)];
    if (now > longest) longest = now;
    if (next > longest) longest = next;
  }
  free(chains);
  host->fuel -= (int64_t)(looked + places) / 4;
  if (numbers >= places / 4) host->table_looks = 0;
  else if (looked >= places / 4) host->table_looks -= host->table_looks < 16 ? host->table_looks : 16;
  if (longest >= LONG_CHAIN && longest / CHAIN_PER_FUEL > host->collision_fuel) host->collision_fuel = longest / CHAIN_PER_FUEL;
}
