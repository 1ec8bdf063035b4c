// Values between Lua's stack and the tape.
#include <stdlib.h>
#include <string.h>
#include "internal.h"

// Allocates nothing: only real strings are asked for their bytes, so no number is converted in place.
void lh_read(lua_State *L, int index, luahost_value *value) {
  switch (lua_type(L, index)) {
  case LUA_TNIL:
  case LUA_TNONE:
    value->kind = LUAHOST_NIL;
    return;
  case LUA_TBOOLEAN:
    value->kind = LUAHOST_BOOLEAN;
    value->integer = lua_toboolean(L, index);
    return;
  case LUA_TNUMBER:
    if (lua_isinteger(L, index)) {
      value->kind = LUAHOST_INTEGER;
      value->integer = lua_tointeger(L, index);
    } else {
      value->kind = LUAHOST_NUMBER;
      value->number = lua_tonumber(L, index);
    }
    return;
  case LUA_TSTRING:
    value->kind = LUAHOST_BYTES;
    value->bytes = (const uint8_t *)lua_tolstring(L, index, &value->length);
    return;
  case LUA_TUSERDATA: {
    const lh_handle *handle = lh_to_handle(L, index);
    if (handle != NULL) {
      value->kind = LUAHOST_HANDLE;
      value->type = handle->type;
      value->integer = handle->slot;
      value->generation = handle->generation;
      return;
    }
  }
  // fallthrough
  default:
    value->kind = LUAHOST_OTHER;
    value->bytes = (const uint8_t *)luaL_typename(L, index);
    value->length = strlen((const char *)value->bytes);
  }
}

// Bytes with a pointer are the caller's; without one they lie in the scratch.
void lh_push(lua_State *L, const luahost_value *value) {
  switch (value->kind) {
  case LUAHOST_BOOLEAN: lua_pushboolean(L, value->integer != 0); return;
  case LUAHOST_INTEGER: lua_pushinteger(L, value->integer); return;
  case LUAHOST_NUMBER: lua_pushnumber(L, value->number); return;
  case LUAHOST_BYTES: {
    const uint8_t *bytes = value->bytes != NULL ? value->bytes : lh_host(L)->scratch + value->integer;
    lua_pushlstring(L, value->length == 0 ? "" : (const char *)bytes, value->length);
    return;
  }
  case LUAHOST_HANDLE: lh_push_handle(L, value->type, value->integer, value->generation); return;
  default: lua_pushnil(L);
  }
}

bool lh_scratch_add(luahost *host, const uint8_t *bytes, size_t length) {
  if (length > host->limits.memory) return false;
  if (host->scratch_room - host->scratch_length < length) {
    size_t room = host->scratch_room < 256 ? 256 : host->scratch_room;
    while (room - host->scratch_length < length) room *= 2;
    uint8_t *fresh = realloc(host->scratch, room);
    if (fresh == NULL) return false;
    host->scratch = fresh;
    host->scratch_room = room;
  }
  if (length > 0) memcpy(host->scratch + host->scratch_length, bytes, length);
  host->scratch_length += length;
  return true;
}

bool luahost_frame_bytes(luahost_frame *frame, const uint8_t *bytes, size_t length) {
  if (frame->result_count >= LUAHOST_VALUES_MAX) return false;
  const size_t place = frame->host->scratch_length;
  if (!lh_scratch_add(frame->host, bytes, length)) return false;
  luahost_value *value = &frame->results[frame->result_count++];
  value->kind = LUAHOST_BYTES;
  value->integer = (int64_t)place;
  value->bytes = NULL;
  value->length = length;
  return true;
}
