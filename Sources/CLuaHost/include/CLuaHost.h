// What Swift may know of Lua. This header does not include lua.h, on purpose: a Swift file cannot name a function that
// leaves by longjmp, so no Swift frame is ever jumped over. Values cross as a tape of small tagged records.
#ifndef CLUAHOST_H
#define CLUAHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct luahost luahost;

// Arguments of a call, and values of an option table beside them.
enum { LUAHOST_VALUES_MAX = 16, LUAHOST_FIELDS_MAX = 48 };

// What a value is. Functions and coroutines do not cross, nor tables whose shape is not known: they are LUAHOST_OTHER.
// LIST among arguments: `length` elements from `integer` of luahost_list, as many values each as its shape has. Among results: `length`
// values follow, each with what belongs to it. RECORD: the fields of record `integer` follow.
typedef enum luahost_kind {
  LUAHOST_NIL, LUAHOST_BOOLEAN, LUAHOST_INTEGER, LUAHOST_NUMBER, LUAHOST_BYTES, LUAHOST_HANDLE, LUAHOST_OTHER, LUAHOST_LIST, LUAHOST_RECORD
} luahost_kind;

typedef struct luahost_value {
  luahost_kind kind;
  uint32_t generation;   // of a handle
  int64_t integer;       // integer; boolean as 0 or 1; slot of a handle; for result bytes, their place in the scratch
  double number;
  const uint8_t *bytes;  // argument bytes, borrowed for the length of the call; for OTHER, the C name of the type
  size_t length;
  int32_t type;          // of a handle
} luahost_value;

// One call in progress: the arguments C has read and the results Swift leaves.
typedef struct luahost_frame {
  luahost *host;
  luahost_value *arguments;
  luahost_value *results;
  int32_t argument_count;
  int32_t result_count;
  int32_t result_room;
} luahost_frame;

// How a field of an option table crosses: as a value; a table of fields, whose values follow one that is true where it is there; a
// list of values; a list of tables of fields; names and values in turn.
typedef enum luahost_field_kind {
  LUAHOST_FIELD, LUAHOST_FIELD_TABLE, LUAHOST_FIELD_LIST, LUAHOST_FIELD_TABLES, LUAHOST_FIELD_NAMES
} luahost_field_kind;

typedef struct luahost_field { const char *name; luahost_field_kind kind; int32_t shape; } luahost_field;

// What a name of a handle's type is.
typedef enum luahost_member_kind { LUAHOST_NO_MEMBER, LUAHOST_FUNCTION, LUAHOST_PROPERTY } luahost_member_kind;

typedef struct luahost_member {
  luahost_member_kind kind;
  int32_t function;      // number of the binding
  int32_t positionals;   // arguments ahead of the option table, the receiver not counted; below zero: any number
  int32_t shape;         // of the option table; below zero: none
} luahost_member;

// How a callback ended. C does the returning, raising or yielding when the Swift frame is gone.
typedef enum luahost_status { LUAHOST_RETURN, LUAHOST_RAISE, LUAHOST_YIELD } luahost_status;

typedef struct luahost_callbacks {
  luahost_status (*dispatch)(void *context, int32_t function, luahost_frame *frame);
  // Answers with results {source bytes, display name}, or with no results when there is no such module.
  void (*resolve)(void *context, const uint8_t *name, size_t length, luahost_frame *frame);
  // Answers for a name that a type of handles was not asked for before.
  luahost_member (*find)(void *context, int32_t type, const char *name, size_t length);
  // Answers with one string: the names that `find` knows, a line feed behind each.
  void (*names)(void *context, int32_t type, luahost_frame *frame);
  void (*output)(void *context, const uint8_t *bytes, size_t length);
} luahost_callbacks;

typedef struct luahost_limits {
  int64_t fuel;
  size_t memory, block, source;
  size_t output_bytes, output_lines;
  int32_t coroutines;
  // Test seam: the allocation with this number (from 1) fails; 0 is never.
  int64_t fail_allocation;
  bool fail_for_ever;
} luahost_limits;

// What ended a run.
typedef enum luahost_failure {
  LUAHOST_OK, LUAHOST_SYNTAX, LUAHOST_RUNTIME, LUAHOST_FUEL, LUAHOST_MEMORY, LUAHOST_SOURCE, LUAHOST_STOPPED
} luahost_failure;

// A switch another thread or a signal handler may throw; it outlives the host that watches it.
typedef struct luahost_stop luahost_stop;
luahost_stop *luahost_stop_create(void);
void luahost_stop_destroy(luahost_stop *stop);
// Asks for an end. The first reason wins. Safe in a signal handler.
void luahost_stop_request(luahost_stop *stop, const char *reason);
bool luahost_stop_requested(const luahost_stop *stop);
// Takes a request back once nothing runs any more that it could end.
void luahost_stop_clear(luahost_stop *stop);

// Makes a state, opens the libraries and builds the sandbox. On failure *failure says why and NULL comes back.
luahost *luahost_create(const luahost_limits *limits, luahost_stop *stop, luahost_callbacks callbacks, void *context,
                        luahost_failure *failure);
void luahost_destroy(luahost *host);

// Puts binding number `function` into the prelude's `host` table.
luahost_failure luahost_register(luahost *host, const char *name, int32_t function);
// Makes a handle type; types are numbered from 0 in order of definition.
luahost_failure luahost_define_type(luahost *host, const char *name);
luahost_failure luahost_define_method(luahost *host, int32_t type, const char *name, luahost_member member);
// What option tables of this shape have; shapes are numbered from 0, and a field refers to an earlier one. The names are copied.
luahost_failure luahost_add_shape(luahost *host, const luahost_field *fields, int32_t count, int32_t *number);
// A kind of table that comes back from calls: `name` is what messages call it. One that is read-only is a view.
luahost_failure luahost_add_record(luahost *host, const char *name, const char *const *fields, int32_t count, bool read_only,
                                   int32_t *number);

// Runs trusted source in the privileged environment. With `bytecode`, `source` is what luahost_compile gave.
luahost_failure luahost_load_prelude(luahost *host, const char *name, const uint8_t *source, size_t length, bool bytecode);
// Trusted source compiled and run at the first `require` of this name; its value is the module.
luahost_failure luahost_add_module(luahost *host, const char *name, const uint8_t *source, size_t length);
// The same, where binding number `function` adds the module when it is first required.
luahost_failure luahost_promise_module(luahost *host, const char *name, int32_t function);
// Compiles trusted source; *bytes is to be given to luahost_free.
luahost_failure luahost_compile(luahost *host, const char *name, const uint8_t *source, size_t length, uint8_t **bytes,
                                size_t *count);
// Runs a script. Results (at most LUAHOST_VALUES_MAX) can be read until the next call.
luahost_failure luahost_run(luahost *host, const char *name, const uint8_t *source, size_t length);
// Calls a function of the prelude's `exports` table; byte arguments are borrowed from the caller.
luahost_failure luahost_call(luahost *host, const char *function, const luahost_value *arguments, int32_t count);

// Runs one input of an interactive session, whose first line has the number `first_line`: compiles it as an expression or as
// statements, calls `function` of the prelude's `exports` with the compiled function and whether it is an expression, whose values
// then come behind a nil, and keeps what that returns. On LUAHOST_SYNTAX
// *incomplete says that more text could make it right.
luahost_failure luahost_evaluate(luahost *host, const char *name, int32_t first_line, const uint8_t *source, size_t length,
                                 const char *function, bool *incomplete);

void luahost_free(uint8_t *bytes);

int32_t luahost_result_count(const luahost *host);
const luahost_value *luahost_result(const luahost *host, int32_t index);
// Text of the last failure. Position is empty when none is known.
const uint8_t *luahost_message(const luahost *host, size_t *length);
const char *luahost_place(const luahost *host);
const char *luahost_traceback(const luahost *host);

// Writers for a frame. They return false when memory or room is short; nothing of Lua is touched.
bool luahost_frame_bytes(luahost_frame *frame, const uint8_t *bytes, size_t length);
// Makes room for so many results more; where they lie may change.
bool luahost_frame_reserve(luahost_frame *frame, int32_t more);
// Bytes for a result that is there already.
bool luahost_value_bytes(luahost *host, luahost_value *value, const uint8_t *bytes, size_t length);
// Where the script is that made the call: "file:line", as much as there is room for.
void luahost_script_place(luahost *host, char *room, size_t size);
// The elements of lists among the arguments.
const luahost_value *luahost_list(const luahost *host);

// True where the binding that runs may be suspended: it is in a task, and not inside a sort or a pattern.
bool luahost_can_wait(const luahost *host);

// Limits while running.
int64_t luahost_fuel_left(const luahost *host);
bool luahost_charge(luahost *host, int64_t fuel);
void luahost_renew(luahost *host, int64_t fuel);
// Ends what runs once the binding that says so has returned; nothing of the script can catch it, and a renewed host goes on. The failure is
// LUAHOST_MEMORY with this text, which is copied.
void luahost_end(luahost *host, const char *text);
// Lets the state print as much again.
void luahost_renew_output(luahost *host);
size_t luahost_memory_peak(const luahost *host);
int64_t luahost_allocations(const luahost *host);
bool luahost_output_cut(const luahost *host);

// Runs `body` on a thread with a stack of 256 MiB and waits for it; a thread that has such a stack runs it itself. False when
// the thread could not be made.
bool luahost_run_on_big_stack(void (*body)(void *context), void *context);

// Whether the machine still gives so many bytes, and some to spare: the limits of the process, of the groups it is in, what is free.
bool luahost_memory_is_there(size_t bytes);

// The bytes that the groups of the process and the machine still have, by the files below these two folders: /proc and /sys/fs/cgroup.
uint64_t luahost_memory_left(const char *processes, const char *system);

// How many letters are inserted, removed, replaced, or swapped with their neighbour to make `b` of `a`. Neither is longer than LUAHOST_NAME_MAX.
enum { LUAHOST_NAME_MAX = 255 };
size_t luahost_edit_distance(const char *a, size_t a_length, const char *b, size_t b_length);

// The release of Lua that this was built with, "Lua 5.4.4". The library itself tells no more than 5.4.
const char *luahost_lua_release(void);

// Starts a thread with such a stack that nobody waits for. False when it could not be made; `body` is not called then.
bool luahost_start_on_big_stack(void (*body)(void *context), void *context);

#endif
