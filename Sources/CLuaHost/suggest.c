// "did you mean": the nearest key by edit distance; among equals the first bytewise, so that it does not depend on the order
// of a table.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

enum { WORD_MAX = 40, LOOKED_MAX = 2000 };
_Static_assert(WORD_MAX <= LUAHOST_NAME_MAX, "words are names");

size_t luahost_edit_distance(const char *a, size_t la, const char *b, size_t lb) {
  size_t rows[3][LUAHOST_NAME_MAX + 1];
  size_t *before = rows[0], *last = rows[1], *now = rows[2];
  for (size_t j = 0; j <= lb; j++) last[j] = j;
  for (size_t i = 1; i <= la; i++) {
    now[0] = i;
    for (size_t j = 1; j <= lb; j++) {
      size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
      if (last[j] + 1 < best) best = last[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best) {
        best = before[j - 2] + 1;
      }
      now[j] = best;
    }
    size_t *spare = before;
    before = last;
    last = now;
    now = spare;
  }
  return last[lb];
}

// Pushes "; did you mean 'x'?" or an empty string. Tables are read raw; 0 is no table.
void lh_push_suggestion(lua_State *L, const char *word, int first_table, int second_table) {
  const char *best = NULL;
  const size_t length = strlen(word);
  size_t best_distance = length < 4 ? 2 : length < 8 ? 3 : 4;  // exclusive
  const int tables[2] = { first_table, second_table };
  int64_t looked = 0, fuel = 0;
  luaL_checkstack(L, 4, "suggestion");
  for (int i = 0; i < 2 && length > 0 && length <= WORD_MAX; i++) {
    if (tables[i] == 0 || lua_type(L, tables[i]) != LUA_TTABLE) continue;
    lua_pushnil(L);
    while (lua_next(L, tables[i]) != 0) {
      lua_pop(L, 1);
      if (++looked > LOOKED_MAX) {
        lua_pop(L, 1);
        break;
      }
      if (lua_type(L, -1) != LUA_TSTRING) continue;
      size_t other_length;
      const char *other = lua_tolstring(L, -1, &other_length);
      if (other_length > WORD_MAX || strcmp(other, word) == 0) continue;
      const size_t apart = other_length > length ? other_length - length : length - other_length;
      if (apart > best_distance) continue;
      fuel += (int64_t)(length * other_length / 4);
      const size_t found = luahost_edit_distance(word, length, other, other_length);
      if (found < best_distance || (found == best_distance && best != NULL && strcmp(other, best) < 0)) {
        best = other;  // stays alive: it is a key of a table that is on the stack
        best_distance = found;
      }
    }
  }
  lh_charge(L, looked * 4 + fuel);
  if (looked > LOOKED_MAX) best = NULL;  // which were looked at follows the order of the table, which differs from run to run
  if (best != NULL) lua_pushfstring(L, "; did you mean '%s'?", best);
  else lua_pushliteral(L, "");
}
