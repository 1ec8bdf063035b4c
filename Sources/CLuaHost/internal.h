// Shared by the C files of the host. A map:
//   host.c        create, destroy, the protected entry        run.c         loading, running, calling
//   values.c      reading and pushing values, the scratch     trampoline.c  Lua calls Swift
//   handles.c     userdata and their types                    limits.c      allocator, fuel, stop
//   errors.c      positions, raising                          failure.c     failures as text, tracebacks
//   suggest.c     "did you mean"                              source.c      what a source text may be
//   sandbox.c     the two environments                        trusted.c     functions only the prelude has
//   base.c        pcall, error, assert, next, select          text.c        tostring, print
//   metatables.c  copied metatables, frozen tables            iterate.c     pairs in a fixed order
//   tables.c      table.*                                     sort.c        table.sort
//   prices.c      library functions that pay first            sample.c      what an instruction may cost
//   strings.c     string.rep, format, bounded originals       pattern.c     the counted matcher
//   patternlib.c  find, match, gmatch, gsub                   coroutines.c  coroutine.*
//   require.c     modules                                     thread.c      the big stack
//   evaluate.c    lines typed at a prompt                     release.c     which Lua this is
//   collisions.c  tables whose keys collide                   longstrings.c long strings that are alive
//   options.c     option tables onto the tape                 records.c     tables that come back from calls
//   hostmemory.c  what the machine still gives
#ifndef CLUAHOST_INTERNAL_H
#define CLUAHOST_INTERNAL_H

#include <stdatomic.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include "CLuaHost.h"

enum {
  LH_MESSAGE_MAX = 4096,
  LH_MESSAGE_ROOM = LH_MESSAGE_MAX + 64,
  LH_PLACE_ROOM = 512,
  LH_TRACEBACK_ROOM = 8192,
  LH_HOOK_PERIOD = 1024,          // instructions between two looks of the hook, on the average; see sample.c
  LH_BYTES_PER_FUEL = 64,
  LH_CALL_FUEL = 24,              // crossing into Swift and back
  LH_LONG_STRING = 4096,          // bytes from which on a string is known by longstrings.c
  LH_OBJECT_FUEL = 8,             // a new string, table, function, coroutine or handle, beside its bytes
  LH_RESULT_MAX = 1 << 20,        // bytes a string.rep or table.concat may make
  LH_FIELDS_MAX = 10000,          // field accesses in one function; see source.c
  LH_ASK_BYTES = 8 << 20,         // taken between two questions whether the machine has more
  LH_SOURCE_TOTAL = 8             // times the source limit a run may load
};

// Slots of the registry, after those of Lua itself.
enum {
  LH_SCRIPT_ENV = 16,             // what scripts write their globals to
  LH_PROVIDED,                    // what scripts see and may not replace
  LH_TRUSTED_ENV,                 // globals of the prelude
  LH_HOST_TABLE, LH_TYPES_TABLE, LH_EXPORTS, LH_MODULES, LH_SOURCES,
  LH_LOADED,                      // values of modules by name
  LH_NAMES,                       // object -> its number in text (weak keys)
  LH_COUNTERS,                    // type name -> numbers given
  LH_COROUTINES,                  // live coroutines (weak keys)
  LH_SHAPES,                      // of each shape: the places of its names
  LH_RECORDS,                     // of each record: its names in order, its metatable at 0
  LH_TYPE_BASE = 64               // four slots a handle type: metatable, methods, getters, userdata by slot (weak values)
};

typedef struct lh_long_string { const void *block; size_t size; } lh_long_string;

// See longstrings.c.
typedef struct lh_long_strings { lh_long_string *slots; size_t room, count; } lh_long_strings;

typedef struct lh_type {
  const void *metatable;
  char *name;
  bool is_module;                 // a table of functions, no handles
} lh_type;

// What a function of Swift's is to scripts, by the number of its binding.
typedef struct lh_function {
  char *name;                     // without its owner's
  int32_t type, positionals, shape;
} lh_function;

typedef struct lh_field { char *name; luahost_field_kind kind; int32_t shape, place; } lh_field;
// `size` values lie on the tape.
typedef struct lh_shape { lh_field *fields; int32_t count, size; } lh_shape;
typedef struct lh_record { char *name; int32_t count; bool read_only; } lh_record;

// Results that outgrew their place on the stack, of the call at `depth`.
typedef struct lh_chunk { struct lh_chunk *next; int32_t depth; luahost_value values[]; } lh_chunk;

typedef struct lh_handle { int32_t type; uint32_t generation; int64_t slot; } lh_handle;

struct luahost {
  lua_State *main;
  lua_State *running;             // the coroutine that is executing; protected entries use it
  luahost_callbacks callbacks;
  void *context;
  luahost_limits limits;
  luahost_stop *stop;

  int64_t fuel;
  size_t used, peak, largest_vector;
  size_t asked;                   // bytes up to which the machine has said that it has them
  int64_t allocations;
  int64_t caught_error_fuel;      // what naming a variable in an error may have cost; see source.c
  int64_t locals_most;            // declarations of locals in one function of any source; what looking at a local may cost
  size_t literal_most;            // bytes of the longest string any source spells out
  lh_long_strings long_strings;
  size_t largest_nodes;           // bytes of the largest hash part of a table
  size_t table_places;            // of the last large table that grew; see collisions.c
  int32_t table_looks;            // looks of the hook left to find it
  int64_t collision_fuel;         // what walking through colliding keys costs an instruction
  uint64_t random;                // for the hook alone: where it looks next
  size_t source_loaded;
  int32_t live_coroutines;
  int32_t tasks;                  // lh_resume_task in progress
  bool host_yield;                // the last yield was a binding's, meant for the scheduler
  luahost_failure dead;           // why nothing more may run; LUAHOST_OK while it may
  bool dead_by_depth;
  char ending[128];               // what luahost_end said; empty while nobody did
  bool refused_block;             // the last allocation refused was one block over the limit of a block
  bool refused_by_host;           // it was the machine that refused it, below all limits
  luahost_failure kind;           // of the error on its way out of a protected entry

  size_t output_bytes, output_lines;
  bool output_cut;
  uint8_t *output; size_t output_room;

  uint8_t *scratch; size_t scratch_length, scratch_room;
  luahost_value results[LUAHOST_VALUES_MAX];
  int32_t result_count;
  int32_t depth;                  // protected entries in progress

  lh_type *types; int32_t type_count, type_room;
  lh_function **functions; int32_t function_room;   // where a function is stays the same
  lh_shape *shapes; int32_t shape_count;
  lh_record *records; int32_t record_count;
  luahost_value *list; int32_t list_count, list_room;
  lh_chunk *chunks;
  int32_t swift_depth;            // calls of Swift in progress

  char message[LH_MESSAGE_ROOM]; size_t message_length;
  char place[LH_PLACE_ROOM];      // of the failure
  char last_place[LH_PLACE_ROOM]; // where the last error was handled, or an allocation refused
  char traceback[LH_TRACEBACK_ROOM];
};

static inline luahost *lh_host(lua_State *L) { return *(luahost **)lua_getextraspace(L); }

static inline void lh_read_handle(const lh_handle *handle, luahost_value *value) {
  value->kind = LUAHOST_HANDLE;
  value->type = handle->type;
  value->integer = handle->slot;
  value->generation = handle->generation;
}

// host.c
luahost_failure lh_protect(luahost *host, lua_CFunction body, void *argument);

// values.c
void lh_read(lua_State *L, int index, luahost_value *value);
const luahost_value *lh_push(lua_State *L, const luahost_value *value);   // returns the value behind those it pushed
void lh_free_chunks(luahost *host, int32_t depth);
bool lh_scratch_add(luahost *host, const uint8_t *bytes, size_t length);

// limits.c
void *lh_allocate(void *ud, void *block, size_t old_size, size_t new_size);
void lh_hook(lua_State *L, lua_Debug *ar);
const char *lh_stop_reason(const luahost *host);
void lh_charge(lua_State *L, int64_t fuel);      // raises when the fuel is spent
void lh_charge_walk(lua_State *L);               // a walk through a table, which may be large and empty
void lh_check_stop(lua_State *L);                // raises when an end was asked for
int lh_die(lua_State *L, luahost_failure why);   // raises; nothing can catch it
void lh_caught(lua_State *L, int status);        // after a failed call: raises again what may not be caught

// sample.c
void lh_sow(luahost *host, const uint8_t *bytes, size_t length);
int lh_next_period(luahost *host);
int64_t lh_sample(lua_State *L, lua_Debug *ar);  // units for each instruction, beside the one

// longstrings.c
void lh_note_long_string(luahost *host, const void *block, size_t size);
void lh_forget_long_string(luahost *host, const void *block);
bool lh_has_twin(luahost *host, const char *text, size_t length);

// collisions.c
void lh_watch_table(luahost *host, size_t bytes);
void lh_count_collisions(lua_State *L);

// prices.c
void lh_price_libraries(lua_State *L, int index, const char *library);
void lh_price_codes(lua_State *L);
void lh_price_arithmetic(lua_State *L);          // of strings; their metatable is on top
int64_t lh_number_fuel(lua_State *L, int index); // of turning the number there into text

// errors.c
int lh_script_frame(lua_State *L, int nth, lua_Debug *ar);
void lh_note_place(lua_State *L, char *room);
void lh_push_where(lua_State *L, int nth);
int lh_error(lua_State *L, const char *format, ...);
int lh_error_at(lua_State *L, int nth, const char *format, ...);
int lh_too_many(lua_State *L, const char *owner, int most, int found);
int lh_call_original(lua_State *L, int arguments, int results, const char *name);

// failure.c
int lh_message_handler(lua_State *L);
void lh_build_traceback(lua_State *L, char *room, size_t size);
void lh_render(luahost *host, lua_State *L, int status);
void lh_fail(luahost *host, const char *format, ...);
void lh_grouped(int64_t number, char *room);
void lh_sized(size_t bytes, char *room);

// suggest.c
void lh_push_suggestion(lua_State *L, const char *word, int first_table, int second_table);

// source.c
typedef struct lh_source {
  const char *text; size_t length;
  int64_t fuel;                   // what compiling it may cost
  int line; char message[200];
} lh_source;
bool lh_check_source(luahost *host, const uint8_t *bytes, size_t length, lh_source *source);

// handles.c
void lh_push_handle(lua_State *L, int32_t type, int64_t slot, uint32_t generation);
lh_handle *lh_to_handle(lua_State *L, int index);
int lh_properties(lua_State *L);
int lh_expect_self(lua_State *L);

int lh_members(lua_State *L);

// trampoline.c
void lh_push_binding(lua_State *L, int32_t function);
void lh_push_member(lua_State *L, int32_t type, const char *name, const luahost_member *member);

// options.c
void lh_read_options(lua_State *L, int index, const lh_function *function, luahost_value *tape);
void lh_free_shapes(luahost *host);

// records.c
const luahost_value *lh_push_record(lua_State *L, const luahost_value *value);
void lh_free_records(luahost *host);

// text.c
const char *lh_tostring(lua_State *L, int index, size_t *length);
int lh_lua_tostring(lua_State *L);
int lh_print(lua_State *L);

// metatables.c
void lh_push_setmetatable(lua_State *L);
int lh_getmetatable(lua_State *L);
int lh_rawset(lua_State *L);
bool lh_is_hidden_key(lua_State *L, int index);
void lh_freeze(lua_State *L, const char *name);          // replaces the table on top by a read-only view
lua_Integer lh_length(lua_State *L, int index, const char *function);  // of a table; refuses one that cannot be
void lh_refuse_metamethod(lua_State *L, int index, const char *metamethod, const char *function);

// the rest: functions that sandbox.c puts into the environments
extern const luaL_Reg lh_base[], lh_table[], lh_coroutine[], lh_string[], lh_pattern[], lh_trusted[];
int lh_pcall(lua_State *L);
int lh_pairs(lua_State *L);
int lh_sort(lua_State *L);
int lh_require(lua_State *L);
int lh_resume_task(lua_State *L);
void lh_build_sandbox(lua_State *L);
int lh_load_script(lua_State *L, const char *name, const uint8_t *bytes, size_t length);
void lh_keep_results(lua_State *L, int first);
void lh_load_trusted(lua_State *L, const char *name, const uint8_t *source, size_t length, bool bytecode);
void lh_charged_original(lua_State *L, const char *name);
void lh_wrap_format(lua_State *L);
void lh_raise_unknown_fields(lua_State *L, const char *name);

#endif
