// Lua calls Swift. Arguments are read, Swift runs and returns a status, and only then, with no Swift frame left, are results
// pushed, an error raised or the coroutine suspended.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

// Pushes "process:write" or "sgx.random".
static void push_owner(lua_State *L, const lh_function *function) {
  const lh_type *type = &lh_host(L)->types[function->type];
  if (type->name[0] == 0) lua_pushstring(L, function->name);   // a function that is none of a script's
  else lua_pushfstring(L, type->is_module ? "%s.%s" : "%s:%s", type->name, function->name);
}

// A method's caller does not count the receiver as an argument: "argument 3 must be ..." becomes "process:write: argument 2 must be ...".
// The message is on top.
static void recount(lua_State *L, const lh_function *function) {
  static const char beginning[] = "argument ";
  const char *text = lua_tostring(L, -1);
  if (strncmp(text, beginning, sizeof beginning - 1) != 0) return;
  const char *at = text + sizeof beginning - 1;
  int position = lh_host(L)->types[function->type].is_module ? 1 : 0;
  int number = 0;
  while (*at >= '0' && *at <= '9' && number < 100) number = number * 10 + *at++ - '0';
  position += number;
  if (position < 2) return;
  push_owner(L, function);
  lua_pushfstring(L, "%s: argument %d%s", lua_tostring(L, -1), position - 1, at);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

static int raise(lua_State *L, luahost *host, const luahost_frame *frame, size_t scratch, const lh_function *function) {
  lh_push_where(L, 1);
  if (frame->result_count > 0) lh_push(L, &frame->results[frame->result_count - 1]);
  else lua_pushliteral(L, "not enough memory for the message");
  host->scratch_length = scratch;
  if (function != NULL) recount(L, function);
  lua_concat(L, 2);
  return lua_error(L);
}

// The arguments lie on the tape. `function` is what a method or a function of a module is; NULL for the prelude's own.
static int call_swift(lua_State *L, luahost *host, int32_t number, const lh_function *function, luahost_value *arguments, int count) {
  luahost_value results[LUAHOST_VALUES_MAX];
  luahost_frame frame = {
    .host = host, .arguments = arguments, .results = results, .argument_count = count, .result_count = 0,
    .result_room = LUAHOST_VALUES_MAX
  };
  const size_t scratch = host->scratch_length;
  const int32_t depth = ++host->swift_depth;
  if (host->chunks != NULL) lh_free_chunks(host, depth);
  host->fuel -= LH_CALL_FUEL;
  const luahost_status status = host->callbacks.dispatch(host->context, number, &frame);
  host->swift_depth = depth - 1;

  if (host->dead != LUAHOST_OK || host->fuel < 0) lh_check_stop(L);
  if (status == LUAHOST_RAISE) return raise(L, host, &frame, scratch, function);
  if (status == LUAHOST_YIELD && (host->tasks == 0 || !lua_isyieldable(L))) {
    return lh_error(L, "this call waits, and nothing here can wait: it is outside a task, or inside a sort or a pattern");
  }
  const int below = lua_gettop(L);
  const luahost_value *value = frame.results, *end = frame.results + frame.result_count;
  while (value < end) value = lh_push(L, value);
  host->scratch_length = scratch;
  if (host->chunks != NULL) lh_free_chunks(host, depth);
  const int pushed = lua_gettop(L) - below;
  if (status == LUAHOST_RETURN) return pushed;
  host->host_yield = true;
  return lua_yield(L, pushed);
}

bool luahost_can_wait(const luahost *host) { return host->tasks > 0 && lua_isyieldable(host->running); }

static int binding(lua_State *L) {
  luahost_value arguments[LUAHOST_VALUES_MAX];
  const int count = lua_gettop(L);
  if (count > LUAHOST_VALUES_MAX) return lh_error(L, "too many arguments: %d, at most %d", count, LUAHOST_VALUES_MAX);
  for (int i = 0; i < count; i++) lh_read(L, i + 1, &arguments[i]);
  return call_swift(L, lh_host(L), (int32_t)lua_tointeger(L, lua_upvalueindex(1)), NULL, arguments, count);
}

static int wrong_receiver(lua_State *L, const lh_function *function) {
  const char *owner = lh_host(L)->types[function->type].name;
  return lh_error(L, "%s.%s: call it with a colon, as %s:%s(...)", owner, function->name, owner, function->name);
}

static int too_many(lua_State *L, const lh_function *function, int most, int found) {
  push_owner(L, function);
  return lh_too_many(L, lua_tostring(L, -1), most, found);
}

// Whether the first argument is the module that the function is of, which scripts have as a view.
static bool is_module(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE || luaL_getmetafield(L, 1, "__index") == LUA_TNIL) return false;
  const bool is = lua_rawequal(L, -1, lua_upvalueindex(2));
  lua_pop(L, 1);
  return is;
}

// A function of Swift's with an option table or without. The common slip is a dot where a colon belongs, and the other way round.
static int member(lua_State *L) {
  luahost *host = lh_host(L);
  const int32_t number = (int32_t)lua_tointeger(L, lua_upvalueindex(1));
  const lh_function *function = host->functions[number];
  luahost_value arguments[LUAHOST_VALUES_MAX + LUAHOST_FIELDS_MAX];
  int count = lua_gettop(L), first = 0;
  if (!host->types[function->type].is_module) {
    const lh_handle *self = lh_to_handle(L, 1);
    if (self == NULL || self->type != function->type) return wrong_receiver(L, function);
    lh_read_handle(self, &arguments[first++]);
  } else if (is_module(L)) {
    push_owner(L, function);
    return lh_error(L, "%s: call it with a dot, as %s(...)", lua_tostring(L, -1), lua_tostring(L, -1));
  }
  const int most = function->positionals + (function->shape >= 0 ? 1 : 0);
  if (function->positionals >= 0 && count - first > most) return too_many(L, function, most, count - first);
  if (count - first > LUAHOST_VALUES_MAX - 1) return lh_error(L, "too many arguments: %d, at most %d", count, LUAHOST_VALUES_MAX);
  const int self = first;
  // Every argument that may be given has its place on the tape.
  if (function->positionals >= 0) {
    lua_settop(L, self + most);
    count = self + function->positionals;
  }
  for (int i = self; i < count; i++) lh_read(L, i + 1, &arguments[i]);
  if (function->shape >= 0) {
    host->list_count = 0;
    lh_read_options(L, count + 1, function, &arguments[count]);
    count += host->shapes[function->shape].size;
  }
  return call_swift(L, host, number, function, arguments, count);
}

void lh_push_binding(lua_State *L, int32_t function) {
  lua_pushinteger(L, function);
  lua_pushcclosure(L, binding, 1);
}

// What a script may mistake for an argument, the module a function is of, is on top, or nil.
void lh_push_member(lua_State *L, int32_t type, const char *name, const luahost_member *it) {
  luahost *host = lh_host(L);
  if (it->function >= host->function_room) {
    const int32_t room = it->function + 64;
    lh_function **fresh = realloc(host->functions, (size_t)room * sizeof *fresh);
    if (fresh == NULL) lh_die(L, LUAHOST_MEMORY);
    memset(fresh + host->function_room, 0, (size_t)(room - host->function_room) * sizeof *fresh);
    host->functions = fresh;
    host->function_room = room;
  }
  lh_function *function = calloc(1, sizeof *function);
  if (function == NULL) lh_die(L, LUAHOST_MEMORY);
  host->functions[it->function] = function;
  *function = (lh_function){ .name = strdup(name), .type = type, .positionals = it->positionals, .shape = it->shape };
  if (function->name == NULL) lh_die(L, LUAHOST_MEMORY);
  lua_pushinteger(L, it->function);
  lua_insert(L, -2);
  lua_pushcclosure(L, member, 2);
}
