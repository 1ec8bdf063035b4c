// What an instruction may cost that the count hook cannot see: one instruction passes on 60,000 values, compares strings of megabytes or
// reads a numeral of a million digits, all inside the library. The hook therefore looks at the values of the function that runs, and charges
// for the instructions since its last look as if each had worked on them. Where it looks next is drawn from the text of the scripts: the same
// in every run, and no script can arrange to look harmless there. What it sees costs too much only in an attack.
#include <string.h>
#include "internal.h"

enum {
  LOOKED_AT = 32,          // values of one look
  SLOTS_FREE = 64,         // a function may have these for nothing
  LONG_STRING = 256, LONG_PAIR = 1024,
  DIGITS_PER_FUEL = 32, COMPARED_PER_FUEL = 256,
  FLOAT_FUEL = 2, FAR_FLOAT_FUEL = 80, FAR_BORDER_FUEL = 100
};

// Mixes the text of a script into the draws to come.
void lh_sow(luahost *host, const uint8_t *bytes, size_t length) {
  uint64_t mixed = host->random ^ length;
  for (; length >= 8; bytes += 8, length -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    mixed = (mixed ^ word) * 0x9E3779B97F4A7C15u;
    mixed ^= mixed >> 29;
  }
  for (; length > 0; bytes++, length--) mixed = (mixed ^ *bytes) * 0x100000001B3u;
  host->random = mixed;
}

// SplitMix64.
static uint64_t draw(luahost *host) {
  uint64_t z = host->random += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

int lh_next_period(luahost *host) { return LH_HOOK_PERIOD / 2 + (int)(draw(host) % LH_HOOK_PERIOD); }

static bool has_local(lua_State *L, const lua_Debug *ar, int number) {
  if (lua_getlocal(L, ar, number) == NULL) return false;
  lua_pop(L, 1);
  return true;
}

// How many there are, in steps of `sign`: 1 registers and what lies above them, -1 values of `...`. At least `least` are known to be there.
static int count_values(lua_State *L, const lua_Debug *ar, int sign, int least) {
  int there = least, missing = least * 2;
  while (missing < (1 << 24) && has_local(L, ar, sign * missing)) {
    there = missing;
    missing *= 2;
  }
  while (missing - there > there / 8 + 1) {
    const int middle = there + (missing - there) / 2;
    if (has_local(L, ar, sign * middle)) there = middle;
    else missing = middle;
  }
  return there;
}

// A string that the library may read as a numeral, to its end: it tries wherever a number is wanted.
static bool may_be_numeral(const char *text) {
  return *text == '-' || *text == '+' || *text == '.' || (*text >= '0' && *text <= '9') || *text == ' ' || (*text >= 9 && *text <= 13);
}

typedef struct look { const char *text; size_t length; } look;

static int64_t string_fuel(lua_State *L, look *seen, int *count) {
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  if (length < LONG_STRING) return 0;
  int64_t fuel = may_be_numeral(text) ? (int64_t)(length / DIGITS_PER_FUEL) : 0;
  if (length < LONG_PAIR) return fuel;
  size_t most = lh_host(L)->literal_most < LONG_PAIR ? 0 : lh_host(L)->literal_most;
  if (most > length) most = length;
  for (int i = 0; i < *count; i++) {
    if (seen[i].text == text) return fuel;
    const size_t shorter = length < seen[i].length ? length : seen[i].length;
    // Strings that differ early are told apart early.
    if (shorter > most && memcmp(text, seen[i].text, 64) == 0) most = shorter;
  }
  // As a key it is compared with one that lies in a table.
  if (most < length && length >= LH_LONG_STRING && lh_has_twin(lh_host(L), text, length)) most = length;
  seen[*count] = (look){ text, length };
  ++*count;
  return fuel + (int64_t)(most / COMPARED_PER_FUEL);
}

// Text of a number far from 1, and the remainder of two such, take the C library a microsecond.
static int64_t float_fuel(lua_Number number) {
  const lua_Number size = number < 0 ? -number : number;
  const bool far = (size > 0x1p64 && size <= 0x1.fffffffffffffp1023) || (size > 0 && size < 0x1p-64);
  return far ? FAR_FLOAT_FUEL : FLOAT_FUEL;
}

int64_t lh_sample(lua_State *L, lua_Debug *ar) {
  luahost *host = lh_host(L);
  const uint64_t chance = draw(host);
  int64_t fuel = host->collision_fuel;
  if (host->table_looks > 0) host->table_looks--;
  int values = LOOKED_AT;
  if (has_local(L, ar, LOOKED_AT + 1)) {
    values = count_values(L, ar, 1, LOOKED_AT + 1);
    if (values > SLOTS_FREE) fuel += values / 16;
  }
  if (has_local(L, ar, -SLOTS_FREE)) fuel += count_values(L, ar, -1, SLOTS_FREE) / 8;
  const int first = values > LOOKED_AT ? (int)(chance % (uint64_t)(values - LOOKED_AT + 1)) : 0;
  look seen[LOOKED_AT];
  int strings = 0, looked = 0;
  int64_t found = 0, of_floats = 0;
  while (looked < LOOKED_AT && lua_getlocal(L, ar, first + looked + 1) != NULL) {
    looked++;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      found += string_fuel(L, seen, &strings);
      break;
    case LUA_TNUMBER:
      if (!lua_isinteger(L, -1)) {
        const int64_t one = float_fuel(lua_tonumber(L, -1));
        if (one > of_floats) of_floats = one;
      }
      break;
    case LUA_TTABLE:
      // A border far beyond what there is, is looked for in the hash part, place after place.
      if (lua_rawlen(L, -1) > host->limits.memory / sizeof(void *)) found += FAR_BORDER_FUEL;
      if (host->table_looks > 0) lh_count_collisions(L);
      break;
    default: break;
    }
    lua_pop(L, 1);
  }
  fuel += (found + of_floats) * (values / LOOKED_AT);
  // Looking at a local is a search among the locals of its function.
  if (host->locals_most > 1000) host->fuel -= host->locals_most * (looked + 8) / 8;
  return fuel;
}
