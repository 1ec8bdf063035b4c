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
      lh_read_handle(handle, value);
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

static const luahost_value *push_list(lua_State *L, const luahost_value *value) {
  const size_t count = value->length;
  luaL_checkstack(L, 4, "a list");
  lua_createtable(L, count > INT32_MAX ? INT32_MAX : (int)count, 0);
  value++;
  for (size_t i = 1; i <= count; i++) {
    value = lh_push(L, value);
    lua_rawseti(L, -2, (lua_Integer)i);
  }
  return value;
}

// Bytes with a pointer are the caller's; without one they lie in the scratch.
const luahost_value *lh_push(lua_State *L, const luahost_value *value) {
  switch (value->kind) {
  case LUAHOST_LIST: return push_list(L, value);
  case LUAHOST_RECORD: return lh_push_record(L, value);
  case LUAHOST_BOOLEAN: lua_pushboolean(L, value->integer != 0); break;
  case LUAHOST_INTEGER: lua_pushinteger(L, value->integer); break;
  case LUAHOST_NUMBER: lua_pushnumber(L, value->number); break;
  case LUAHOST_BYTES: {
    const uint8_t *bytes = value->bytes != NULL ? value->bytes : lh_host(L)->scratch + value->integer;
    lua_pushlstring(L, value->length == 0 ? "" : (const char *)bytes, value->length);
    break;
  }
  case LUAHOST_HANDLE: lh_push_handle(L, value->type, value->integer, value->generation); break;
  default: lua_pushnil(L);
  }
  return value + 1;
}

// Those of calls at this depth and deeper: an error while results are pushed leaves its call's behind.
void lh_free_chunks(luahost *host, int32_t depth) {
  while (host->chunks != NULL && host->chunks->depth >= depth) {
    lh_chunk *chunk = host->chunks;
    host->chunks = chunk->next;
    free(chunk);
  }
}

bool luahost_frame_reserve(luahost_frame *frame, int32_t more) {
  luahost *host = frame->host;
  if (frame->result_room - frame->result_count >= more) return true;
  const int64_t room = ((int64_t)frame->result_count + more) * 2;
  if (room * (int64_t)sizeof(luahost_value) > (int64_t)host->limits.memory) return false;
  lh_chunk *chunk = malloc(sizeof *chunk + (size_t)room * sizeof(luahost_value));
  if (chunk == NULL) return false;
  memcpy(chunk->values, frame->results, (size_t)frame->result_count * sizeof(luahost_value));
  chunk->depth = host->swift_depth;
  chunk->next = host->chunks;
  host->chunks = chunk;
  frame->results = chunk->values;
  frame->result_room = (int32_t)room;
  return true;
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
  if (!luahost_frame_reserve(frame, 1)) return false;
  if (!luahost_value_bytes(frame->host, &frame->results[frame->result_count], bytes, length)) return false;
  frame->result_count++;
  return true;
}

bool luahost_value_bytes(luahost *host, luahost_value *value, const uint8_t *bytes, size_t length) {
  const size_t place = host->scratch_length;
  if (!lh_scratch_add(host, bytes, length)) return false;
  value->kind = LUAHOST_BYTES;
  value->integer = (int64_t)place;
  value->bytes = NULL;
  value->length = length;
  return true;
}
