// Lua calls Swift. Arguments are read, Swift runs and returns a status, and only then, with no Swift frame left, are results
// pushed, an error raised or the coroutine suspended.
#include "internal.h"

static int raise(lua_State *L, luahost *host, const luahost_frame *frame, size_t scratch) {
  lh_push_where(L, 1);
  if (frame->result_count > 0) lh_push(L, &frame->results[frame->result_count - 1]);
  else lua_pushliteral(L, "not enough memory for the message");
  host->scratch_length = scratch;
  lua_concat(L, 2);
  return lua_error(L);
}

static int call_swift(lua_State *L, luahost *host, int32_t function) {
  luahost_value arguments[LUAHOST_VALUES_MAX], results[LUAHOST_VALUES_MAX];
  luahost_frame frame = {
    .host = host, .arguments = arguments, .results = results, .argument_count = lua_gettop(L), .result_count = 0
  };
  if (frame.argument_count > LUAHOST_VALUES_MAX) {
    return lh_error(L, "too many arguments: %d, at most %d", frame.argument_count, LUAHOST_VALUES_MAX);
  }
  for (int i = 0; i < frame.argument_count; i++) lh_read(L, i + 1, &arguments[i]);

  const size_t scratch = host->scratch_length;
  const luahost_status status = host->callbacks.dispatch(host->context, function, &frame);

  if (host->dead != LUAHOST_OK || host->fuel < 0) lh_check_stop(L);
  if (status == LUAHOST_RAISE) return raise(L, host, &frame, scratch);
  if (status == LUAHOST_YIELD && (host->tasks == 0 || !lua_isyieldable(L))) {
    return lh_error(L, "this call waits, and nothing here can wait: it is outside a task, or inside a sort or a pattern");
  }
  for (int i = 0; i < frame.result_count; i++) lh_push(L, &results[i]);
  host->scratch_length = scratch;
  if (status == LUAHOST_RETURN) return frame.result_count;
  host->host_yield = true;
  return lua_yield(L, frame.result_count);
}

static int binding(lua_State *L) {
  return call_swift(L, lh_host(L), (int32_t)lua_tointeger(L, lua_upvalueindex(1)));
}

// Upvalues: function, type, name. The common slip is a dot where a colon belongs.
static int method(lua_State *L) {
  luahost *host = lh_host(L);
  const int32_t type = (int32_t)lua_tointeger(L, lua_upvalueindex(2));
  const lh_handle *self = lh_to_handle(L, 1);
  if (self == NULL || self->type != type) {
    const char *name = lua_tostring(L, lua_upvalueindex(3)), *owner = host->types[type].name;
    return lh_error(L, "%s.%s: call it with a colon, as %s:%s(...)", owner, name, owner, name);
  }
  return call_swift(L, host, (int32_t)lua_tointeger(L, lua_upvalueindex(1)));
}

void lh_push_binding(lua_State *L, int32_t function) {
  lua_pushinteger(L, function);
  lua_pushcclosure(L, binding, 1);
}

void lh_push_method(lua_State *L, int32_t function, int32_t type, const char *name) {
  lua_pushinteger(L, function);
  lua_pushinteger(L, type);
  lua_pushstring(L, name);
  lua_pushcclosure(L, method, 3);
}
