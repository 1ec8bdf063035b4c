// The three things that bound a run: memory (the allocator), work (the count hook and charges) and the stop switch.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

struct luahost_stop { atomic_int state; char reason[128]; };  // state: 0 no, 1 being written, 2 asked

luahost_stop *luahost_stop_create(void) { return calloc(1, sizeof(luahost_stop)); }
void luahost_stop_destroy(luahost_stop *stop) { free(stop); }

void luahost_stop_request(luahost_stop *stop, const char *reason) {
  int expected = 0;
  if (!atomic_compare_exchange_strong(&stop->state, &expected, 1)) return;
  size_t length = 0;
  while (reason[length] != 0 && length + 1 < sizeof stop->reason) {
    stop->reason[length] = reason[length];
    length++;
  }
  stop->reason[length] = 0;
  atomic_store_explicit(&stop->state, 2, memory_order_release);
}

bool luahost_stop_requested(const luahost_stop *stop) {
  return atomic_load_explicit(&stop->state, memory_order_acquire) == 2;
}

void luahost_stop_clear(luahost_stop *stop) { atomic_store_explicit(&stop->state, 0, memory_order_release); }

const char *lh_stop_reason(const luahost *host) { return host->stop->reason; }

// Where an allocation was refused is noted here, because LUA_ERRMEM unwinds without asking the message handler. Reading
// the call list allocates nothing.
static void *refuse(luahost *host, bool too_large) {
  host->refused_block = too_large;
  host->refused_by_host = false;
  if (host->running != NULL) {
    lua_Debug ar;
    lh_note_place(host->running, host->last_place);
    // Lua's stack is one block: deep recursion arrives here before Lua's own "stack overflow".
    host->dead_by_depth = lua_getstack(host->running, 20000, &ar) == 1;
  }
  // Lua answers by a full collection, whose work grows with what is alive.
  host->fuel -= (int64_t)(host->used / 32);
  return NULL;
}

// The machine has no more. What it says is not left where somebody could take it for his own (Sources/CBreakdown).
static void *refuse_by_host(luahost *host) {
  errno = 0;
  void *none = refuse(host, false);
  host->refused_by_host = true;
  return none;
}

// Making an object and collecting it costs more than its bytes. A function looks for each variable it closes over among those
// that are open already.
static int64_t object_fuel(size_t tag, size_t size) {
  if (tag != LUA_TFUNCTION) return LH_OBJECT_FUEL;
  const int64_t variables = (int64_t)(size / sizeof(void *));
  return LH_OBJECT_FUEL + variables * variables / 16;
}

void *lh_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
  luahost *host = ud;
  if (new_size == 0) {
    if (block != NULL) host->used -= old_size;
    if (old_size >= LH_LONG_STRING && block != NULL) lh_forget_long_string(host, block);
    free(block);
    return NULL;
  }
  const size_t tag = block == NULL ? old_size : 0;  // of a new object: its type
  bool is_vector = tag == 0;
  if (block == NULL) old_size = 0;
  if (new_size > old_size) {
    const int64_t number = ++host->allocations, failing = host->limits.fail_allocation;
    if (failing != 0 && (number == failing || (number > failing && host->limits.fail_for_ever))) {
      return refuse(host, false);
    }
    if (new_size > host->limits.block) return refuse(host, true);
    if (host->used - old_size > host->limits.memory || new_size > host->limits.memory - (host->used - old_size)) {
      return refuse(host, false);
    }
    const size_t all = host->used - old_size + new_size;
    if (all > host->asked) {
      if (!luahost_memory_is_there(new_size + LH_ASK_BYTES)) return refuse_by_host(host);
      host->asked = all + LH_ASK_BYTES;
    }
  }
  void *fresh = realloc(block, new_size);
  if (fresh == NULL) return new_size <= old_size ? block : refuse_by_host(host);
  if (new_size > old_size) host->fuel -= (int64_t)((new_size - old_size) / LH_BYTES_PER_FUEL);
  if (tag == LUA_TSTRING && new_size >= LH_LONG_STRING) lh_note_long_string(host, fresh, new_size);
  if (block == NULL && tag != 0) host->fuel -= object_fuel(tag, new_size);
  if (is_vector && block == NULL) lh_watch_table(host, new_size);
  if (is_vector && new_size > host->largest_vector) host->largest_vector = new_size;
  host->used += new_size - old_size;
  if (host->used > host->peak) host->peak = host->used;
  return fresh;
}

// The error object is a light userdata: making it allocates nothing. The text is made when the failure is rendered.
int lh_die(lua_State *L, luahost_failure why) {
  luahost *host = lh_host(L);
  if (host->dead == LUAHOST_OK) {
    host->dead = why;
    if (why != LUAHOST_MEMORY) lh_note_place(L, host->last_place);
    memcpy(host->place, host->last_place, sizeof host->place);
  }
  lua_sethook(L, lh_hook, LUA_MASKCOUNT, 1);
  lua_pushlightuserdata(L, host);
  return lua_error(L);
}

void lh_check_stop(lua_State *L) {
  luahost *host = lh_host(L);
  if (host->dead != LUAHOST_OK) lh_die(L, host->dead);
  if (luahost_stop_requested(host->stop)) lh_die(L, LUAHOST_STOPPED);
  if (host->ending[0] != 0) {
    lh_note_place(L, host->last_place);
    lh_die(L, LUAHOST_MEMORY);
  }
  if (host->fuel < 0) lh_die(L, LUAHOST_FUEL);
}

void lh_charge(lua_State *L, int64_t fuel) {
  luahost *host = lh_host(L);
  host->fuel -= fuel;
  if (host->fuel < 0) lh_check_stop(L);
}

// A table that was emptied is searched through, to the first entry there is. How large it is cannot be asked, so the largest there has been is
// charged: an entry of a hash part takes as long as six of a list.
void lh_charge_walk(lua_State *L) {
  enum { LARGE = 128 * 1024, LIST_BYTES = 256, NODE_BYTES = 44 };
  const luahost *host = lh_host(L);
  size_t fuel = 0;
  if (host->largest_vector > LARGE) fuel += host->largest_vector / LIST_BYTES;
  if (host->largest_nodes > LARGE) fuel += host->largest_nodes / NODE_BYTES;
  if (fuel > 0) lh_charge(L, (int64_t)fuel);
}

void lh_hook(lua_State *L, lua_Debug *ar) {
  luahost *host = lh_host(L);
  const int period = lua_gethookcount(L);
  host->fuel -= period;
  if (host->dead == LUAHOST_OK) {
    host->fuel -= lh_sample(L, ar) * period;
    // Setting a hook walks through all calls; where there are many it is set again now and then. A renewed host must not go on
    // counting every instruction.
    lua_Debug deep;
    if (period == 1 || !lua_getstack(L, 100, &deep) || host->random >> 60 == 0) {
      lua_sethook(L, lh_hook, LUA_MASKCOUNT, lh_next_period(host));
    }
  }
  lh_check_stop(L);
}

// Lua looks at every call below an error that is caught, and so does the question how many there are: to the next power of two.
static int64_t calls_below(lua_State *L) {
  lua_Debug ar;
  int level = 64;
  if (!lua_getstack(L, level, &ar)) return 0;
  while (level < (1 << 20) && lua_getstack(L, level, &ar)) level *= 2;
  return level;
}

void lh_caught(lua_State *L, int status) {
  luahost *host = lh_host(L);
  if (host->dead != LUAHOST_OK) lua_error(L);
  if (status == LUA_ERRMEM) lh_die(L, LUAHOST_MEMORY);
  lh_charge(L, host->caught_error_fuel + calls_below(L) / 4);
}

int64_t luahost_fuel_left(const luahost *host) { return host->fuel; }
size_t luahost_memory_peak(const luahost *host) { return host->peak; }
int64_t luahost_allocations(const luahost *host) { return host->allocations; }
bool luahost_output_cut(const luahost *host) { return host->output_cut; }

bool luahost_charge(luahost *host, int64_t fuel) {
  host->fuel -= fuel;
  return host->fuel >= 0;
}

void luahost_end(luahost *host, const char *text) {
  snprintf(host->ending, sizeof host->ending, "%s", text);
  host->fuel = -1;  // so that whoever looks at the fuel next, looks here
}

static int collect(lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT);
  return 0;
}

void luahost_renew(luahost *host, int64_t fuel) {
  // What filled the memory is garbage now; the next script should not pay for finding that out.
  const bool was_full = host->dead == LUAHOST_MEMORY;
  host->dead = LUAHOST_OK;
  host->dead_by_depth = false;
  host->ending[0] = 0;
  lua_sethook(host->running, lh_hook, LUA_MASKCOUNT, LH_HOOK_PERIOD);
  if (was_full) lh_protect(host, collect, NULL);
  host->fuel = fuel;
  host->limits.fuel = fuel;
}
