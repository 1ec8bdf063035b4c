// Long strings that are alive, by place and size. One of them may be compared with another that no local holds, where it is used as a key; whether
// there is such another is asked here. A set by open addressing: strings come and go with the collector.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

enum { ROOM_FIRST = 64, ENDS = 64, SLOTS_PER_FUEL = 16 };

static size_t slot_of(const lh_long_strings *set, const void *block) {
  return (size_t)(((uintptr_t)block >> 4) * 0x9E3779B97F4A7C15u >> 20) & (set->room - 1);
}

static void put(lh_long_strings *set, lh_long_string string) {
  size_t slot = slot_of(set, string.block);
  while (set->slots[slot].block != NULL) slot = (slot + 1) & (set->room - 1);
  set->slots[slot] = string;
  set->count++;
}

// Where the host has no memory for a larger set, the string goes unnoticed.
void lh_note_long_string(luahost *host, const void *block, size_t size) {
  lh_long_strings *set = &host->long_strings;
  if (set->count * 2 >= set->room) {
    lh_long_strings larger = { .room = set->room == 0 ? ROOM_FIRST : set->room * 2 };
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL) return;
    for (size_t i = 0; i < set->room; i++) {
      if (set->slots[i].block != NULL) put(&larger, set->slots[i]);
    }
    free(set->slots);
    *set = larger;
  }
  put(set, (lh_long_string){ block, size });
}

// Any block may be asked about; only those that were noted are in the set.
void lh_forget_long_string(luahost *host, const void *block) {
  lh_long_strings *set = &host->long_strings;
  if (set->count == 0) return;
  size_t slot = slot_of(set, block);
  while (set->slots[slot].block != block) {
    if (set->slots[slot].block == NULL) return;
    slot = (slot + 1) & (set->room - 1);
  }
  set->slots[slot].block = NULL;
  set->count--;
  // Those behind it that had to go further move up.
  for (size_t next = (slot + 1) & (set->room - 1); set->slots[next].block != NULL; next = (next + 1) & (set->room - 1)) {
    const lh_long_string moved = set->slots[next];
    set->slots[next].block = NULL;
    set->count--;
    put(set, moved);
  }
}

// Whether another string alive has this one's length and ends.
bool lh_has_twin(luahost *host, const char *text, size_t length) {
  const lh_long_strings *set = &host->long_strings;
  const lh_long_string *own = NULL;
  host->fuel -= (int64_t)(set->room / SLOTS_PER_FUEL);
  for (size_t i = 0; i < set->room && own == NULL; i++) {
    const char *block = set->slots[i].block;
    if (block != NULL && text > block && text < block + set->slots[i].size) own = &set->slots[i];
  }
  if (own == NULL) return false;
  const size_t head = (size_t)(text - (const char *)own->block);
  for (size_t i = 0; i < set->room; i++) {
    const lh_long_string *other = &set->slots[i];
    if (other->block == NULL || other == own || other->size != own->size) continue;
    const char *content = (const char *)other->block + head;
    if (memcmp(content, text, ENDS) == 0 && memcmp(content + length - ENDS, text + length - ENDS, ENDS) == 0) return true;
  }
  return false;
}
