// Lua calls Swift. Arguments are read, Swift runs and returns a status, and only then, with no Swift frame left, are results
// pushed, an error raised or the coroutine suspended.
#include <string.h>
#include "internal.h"

// A method's caller does not count the receiver as an argument: "argument 3 must be ..." becomes "process:write: argument 2 must be ...".
// The message is on top.
static void recount(lua_State *L, const lh_handle *self) {
  static const char beginning[] = "argument ";
  const char *text = lua_tostring(L, -1);
  if (strncmp(text, beginning, sizeof beginning - 1) != 0) return;
  const char *at = text + sizeof beginning - 1;
  int position = 0;
  while (*at >= '0' && *at <= '9' && position < 100) position = position * 10 + *at++ - '0';
  if (position < 2) return;
  lua_pushfstring(
      L, "%s:%s: argument %d%s", lh_host(L)->types[self->type].name, lua_tostring(L, lua_upvalueindex(3)), position - 1, at);
  lua_remove(L, -2);
}

static int raise(lua_State *L, luahost *host, const luahost_frame *frame, size_t scratch, const lh_handle *self) {
  lh_push_where(L, 1);
  if (frame->result_count > 0) lh_push(L, &frame->results[frame->result_count - 1]);
  else lua_pushliteral(L, "not enough memory for the message");
  host->scratch_length = scratch;
  if (self != NULL) recount(L, self);
  lua_concat(L, 2);
  return lua_error(L);
}

// `self` is the first argument when the caller has read it already.
static int call_swift(lua_State *L, luahost *host, int32_t function, const lh_handle *self) {
  luahost_value arguments[LUAHOST_VALUES_MAX], results[LUAHOST_VALUES_MAX];
  luahost_frame frame = {
    .host = host, .arguments = arguments, .results = results, .argument_count = lua_gettop(L), .result_count = 0
  };
  if (frame.argument_count > LUAHOST_VALUES_MAX) {
    return lh_error(L, "too many arguments: %d, at most %d", frame.argument_count, LUAHOST_VALUES_MAX);
  }
  int first = 0;
  if (self != NULL) lh_read_handle(self, &arguments[first++]);
  for (int i = first; i < frame.argument_count; i++) lh_read(L, i + 1, &arguments[i]);

  const size_t scratch = host->scratch_length;
  const luahost_status status = host->callbacks.dispatch(host->context, function, &frame);

  if (host->dead != LUAHOST_OK || host->fuel < 0) lh_check_stop(L);
  if (status == LUAHOST_RAISE) return raise(L, host, &frame, scratch, self);
  if (status == LUAHOST_YIELD && (host->tasks == 0 || !lua_isyieldable(L))) {
    return lh_error(L, "this call waits, and nothing here can wait: it is outside a task, or inside a sort or a pattern");
  }
  for (int i = 0; i < frame.result_count; i++) lh_push(L, &results[i]);
  host->scratch_length = scratch;
  if (status == LUAHOST_RETURN) return frame.result_count;
  host->host_yield = true;
  return lua_yield(L, frame.result_count);
}

bool luahost_can_wait(const luahost *host) { return host->tasks > 0 && lua_isyieldable(host->running); }

static int binding(lua_State *L) {
  return call_swift(L, lh_host(L), (int32_t)lua_tointeger(L, lua_upvalueindex(1)), NULL);
}

// Upvalues: function, type, name, how many arguments it takes at most (below zero: any). The common slip is a dot where a colon belongs.
static int method(lua_State *L) {
  luahost *host = lh_host(L);
  const int32_t type = (int32_t)lua_tointeger(L, lua_upvalueindex(2));
  const lh_handle *self = lh_to_handle(L, 1);
  if (self == NULL || self->type != type) {
    const char *name = lua_tostring(L, lua_upvalueindex(3)), *owner = host->types[type].name;
    return lh_error(L, "%s.%s: call it with a colon, as %s:%s(...)", owner, name, owner, name);
  }
  const int most = (int)lua_tointeger(L, lua_upvalueindex(4));
  if (most >= 0 && lua_gettop(L) - 1 > most) {
    return lh_too_many(L, lua_pushfstring(L, "%s:%s", host->types[type].name, lua_tostring(L, lua_upvalueindex(3))), most, lua_gettop(L) - 2);
  }
  return call_swift(L, host, (int32_t)lua_tointeger(L, lua_upvalueindex(1)), self);
}

void lh_push_binding(lua_State *L, int32_t function) {
  lua_pushinteger(L, function);
  lua_pushcclosure(L, binding, 1);
}

void lh_push_method(lua_State *L, int32_t function, int32_t type, const char *name, int32_t most) {
  lua_pushinteger(L, function);
  lua_pushinteger(L, type);
  lua_pushstring(L, name);
  lua_pushinteger(L, most);
  lua_pushcclosure(L, method, 4);
}
