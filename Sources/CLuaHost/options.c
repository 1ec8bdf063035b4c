// Option tables: a shape says which names a table may have, and where the value of each lies on the tape. An unknown name is an error
// here; what a value must be is Swift's to say.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

// Where a table stands, for messages: "enclave:add_pages", and behind it ": field 'secinfo'".
typedef struct owner { const lh_function *function; const char *field; } owner;

static void push_owner(lua_State *L, const owner *of) {
  const lh_function *function = of->function;
  const lh_type *type = &lh_host(L)->types[function->type];
  if (type->name[0] == 0) lua_pushstring(L, function->name);
  else lua_pushfstring(L, type->is_module ? "%s.%s" : "%s:%s", type->name, function->name);
  if (of->field == NULL) return;
  lua_pushfstring(L, ": field '%s'", of->field);
  lua_concat(L, 2);
}

static int by_text(const void *left, const void *right) { return strcmp(*(const char *const *)left, *(const char *const *)right); }

// The first unknown name in the order of the alphabet, whatever the order of the table.
static int unknown_field(lua_State *L, const owner *of, int table, int names, const lh_shape *shape) {
  const char *wrong = NULL;
  char best_number[64];
  luaL_checkstack(L, 10, "fields");
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    const bool known = lua_rawget(L, names) != LUA_TNIL;
    lua_pop(L, 1);
    if (known) continue;
    char number[64];
    const char *text = number;
    if (lua_type(L, -1) == LUA_TSTRING) text = lua_tostring(L, -1);   // kept by the table, whose key it is
    else if (lua_isinteger(L, -1)) snprintf(number, sizeof number, "%lld", (long long)lua_tointeger(L, -1));
    else snprintf(number, sizeof number, "a %s", luaL_typename(L, -1));
    if (wrong != NULL && strcmp(text, wrong) >= 0) continue;
    wrong = text == number ? strcpy(best_number, number) : text;
  }
  push_owner(L, of);
  const char *place = lua_tostring(L, -1);
  lh_push_suggestion(L, wrong, names, 0);
  const char *suggestion = lua_tostring(L, -1);
  const char **known = lua_newuserdatauv(L, (size_t)shape->count * sizeof *known + 1, 0);
  for (int32_t i = 0; i < shape->count; i++) known[i] = shape->fields[i].name;
  qsort(known, (size_t)shape->count, sizeof *known, by_text);
  luaL_Buffer list;
  luaL_buffinit(L, &list);
  for (int32_t i = 0; i < shape->count; i++) {
    if (i > 0) luaL_addstring(&list, ", ");
    luaL_addstring(&list, known[i]);
  }
  luaL_pushresult(&list);
  return lh_error(L, "%s: unknown field '%s'%s (fields: %s)", place, wrong, suggestion, lua_tostring(L, -1));
}

static luahost_value *add_to_list(lua_State *L, int32_t count) {
  luahost *host = lh_host(L);
  if (host->list_room - host->list_count < count) {
    const int32_t room = (host->list_room + count) * 2 + 64;
    luahost_value *fresh = (size_t)room * sizeof *fresh > host->limits.memory ? NULL : realloc(host->list, (size_t)room * sizeof *fresh);
    if (fresh == NULL) lh_die(L, LUAHOST_MEMORY);
    host->list = fresh;
    host->list_room = room;
  }
  luahost_value *place = host->list + host->list_count;
  host->list_count += count;
  return place;
}

static bool read_table(lua_State *L, const owner *of, int table, int32_t number, luahost_value *tape);

// A hole would end a list early without a word. Other keys are not looked at.
static int32_t length_of_list(lua_State *L, const owner *of, int table) {
  lua_Integer count = 0;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pop(L, 1);
    if (lua_isinteger(L, -1)) count++;
  }
  lh_charge(L, count * 4);
  for (lua_Integer i = 1; i <= count; i++) {
    if (lua_rawgeti(L, table, i) == LUA_TNIL) {
      push_owner(L, of);
      lh_error(L, "%s: the list has a hole at index %I", lua_tostring(L, -1), (LUAI_UACINT)i);
    }
    lua_pop(L, 1);
  }
  return (int32_t)count;
}

static bool read_list(lua_State *L, const owner *of, int table, const lh_field *field, luahost_value *value) {
  luahost *host = lh_host(L);
  if (lua_getmetatable(L, table)) return false;
  lh_charge_walk(L);
  const int32_t count = length_of_list(L, of, table), first = host->list_count;
  for (int32_t i = 1; i <= count; i++) {
    const int kind = lua_rawgeti(L, table, i);
    const int element = lua_gettop(L);
    if (field->kind == LUAHOST_FIELD_LIST) {
      luahost_value read;
      lh_read(L, element, &read);
      *add_to_list(L, 1) = read;
    } else {
      luahost_value read[LUAHOST_FIELDS_MAX];
      if (kind != LUA_TTABLE) {
        push_owner(L, of);
        return lh_error(L, "%s: expected a table of fields, got %s", lua_tostring(L, -1), luaL_typename(L, element));
      }
      if (!read_table(L, of, element, field->shape, read)) return false;
      const int32_t size = host->shapes[field->shape].size;
      memcpy(add_to_list(L, size), read, (size_t)size * sizeof *read);
    }
    lua_settop(L, element - 1);
  }
  *value = (luahost_value){ .kind = LUAHOST_LIST, .integer = first, .length = (size_t)count };
  return true;
}

static bool read_names(lua_State *L, int table, luahost_value *value) {
  luahost *host = lh_host(L);
  if (lua_getmetatable(L, table)) return false;
  lh_charge_walk(L);
  const int32_t first = host->list_count;
  size_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    luahost_value pair[2];
    lh_read(L, lua_gettop(L) - 1, &pair[0]);
    lh_read(L, lua_gettop(L), &pair[1]);
    memcpy(add_to_list(L, 2), pair, sizeof pair);
    lua_pop(L, 1);
    count++;
  }
  lh_charge(L, (int64_t)count * 4);
  *value = (luahost_value){ .kind = LUAHOST_LIST, .integer = first, .length = count };
  return true;
}

static bool read_field(lua_State *L, const owner *of, int index, const lh_field *field, luahost_value *value) {
  const bool is_table = lua_type(L, index) == LUA_TTABLE;
  const owner inner = { of->function, field->name };
  if (field->kind == LUAHOST_FIELD_TABLE && !is_table) {
    push_owner(L, &inner);
    lh_error(L, "%s: expected a table of fields, got %s", lua_tostring(L, -1), luaL_typename(L, index));
  }
  if (field->kind == LUAHOST_FIELD || !is_table) {
    lh_read(L, index, value);
    return true;
  }
  switch (field->kind) {
  case LUAHOST_FIELD_LIST:
  case LUAHOST_FIELD_TABLES: return read_list(L, &inner, index, field, value);
  case LUAHOST_FIELD_NAMES: return read_names(L, index, value);
  default:
    *value = (luahost_value){ .kind = LUAHOST_BOOLEAN, .integer = 1 };
    return read_table(L, &inner, index, field->shape, value + 1);
  }
}

// False where a table has a metatable, whose functions are the script's: a copy without one is read then.
static bool read_table(lua_State *L, const owner *of, int table, int32_t number, luahost_value *tape) {
  const lh_shape *shape = &lh_host(L)->shapes[number];
  luaL_checkstack(L, 8, "fields");
  if (lua_getmetatable(L, table)) return false;
  lh_charge_walk(L);
  for (int32_t i = 0; i < shape->size; i++) tape[i].kind = LUAHOST_NIL;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SHAPES);
  lua_rawgeti(L, -1, number + 1);
  const int names = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pushvalue(L, -2);
    lua_rawget(L, names);
    const lua_Integer which = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (which == 0) return unknown_field(L, of, table, names, shape);
    const lh_field *field = &shape->fields[which - 1];
    if (!read_field(L, of, names + 2, field, tape + field->place)) return false;
    lua_settop(L, names + 1);
  }
  lua_settop(L, names - 2);
  return true;
}

enum { COPIES_DEEP = 4 };

// Pushes a copy of the table whose values are what the script's own functions say; nothing of the script reaches the copy.
static void push_copy(lua_State *L, int table, int32_t number, int depth) {
  const lh_shape none = { NULL, 0, 0 }, shape = number >= 0 ? lh_host(L)->shapes[number] : none;
  luaL_checkstack(L, 8, "fields");
  lua_createtable(L, 0, 8);
  const int copy = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, copy);
  }
  for (int32_t i = 0; i < shape.count; i++) {
    if (lua_getfield(L, table, shape.fields[i].name) == LUA_TNIL) {
      lua_pop(L, 1);
      continue;
    }
    lua_setfield(L, copy, shape.fields[i].name);
  }
  // Only now, that no function of the script runs any more over this table.
  lua_pushnil(L);
  while (depth < COPIES_DEEP && lua_next(L, copy) != 0) {
    if (lua_type(L, -1) == LUA_TTABLE) {
      int32_t inner = -1;
      for (int32_t i = 0; i < shape.count; i++) {
        if (lua_type(L, -2) == LUA_TSTRING && strcmp(shape.fields[i].name, lua_tostring(L, -2)) == 0) inner = shape.fields[i].shape;
      }
      push_copy(L, lua_gettop(L), inner, depth + 1);
      lua_pushvalue(L, -3);
      lua_insert(L, -2);
      lua_rawset(L, copy);   // a field that is there: the walk goes on
    }
    lua_pop(L, 1);
  }
  lua_settop(L, copy);
}

// The option table at `index`, which may be missing, onto the tape.
void lh_read_options(lua_State *L, int index, const lh_function *function, luahost_value *tape) {
  const int32_t size = lh_host(L)->shapes[function->shape].size;
  const owner of = { function, NULL };
  const int top = lua_gettop(L);
  if (lua_type(L, index) == LUA_TTABLE) {
    if (read_table(L, &of, index, function->shape, tape)) return;
    lua_settop(L, top);
    lh_host(L)->list_count = 0;
    push_copy(L, index, function->shape, 0);
    lua_replace(L, index);
    lua_settop(L, top);
    if (read_table(L, &of, index, function->shape, tape)) return;
    push_owner(L, &of);
    lh_error(L, "%s: tables of fields with metatables are nested too deep", lua_tostring(L, -1));
  }
  if (lua_type(L, index) > LUA_TNIL) {
    push_owner(L, &of);
    lh_error(L, "%s: expected a table of fields, got %s", lua_tostring(L, -1), luaL_typename(L, index));
  }
  for (int32_t i = 0; i < size; i++) tape[i].kind = LUAHOST_NIL;
}

// Making shapes

typedef struct definition { const luahost_field *fields; int32_t count, number; } definition;

static int32_t room_of(const luahost *host, const luahost_field *field) {
  return field->kind == LUAHOST_FIELD_TABLE ? 1 + host->shapes[field->shape].size : 1;
}

static int add_shape(lua_State *L) {
  luahost *host = lh_host(L);
  const definition *it = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SHAPES);
  lua_createtable(L, 0, it->count);
  for (int32_t i = 0; i < it->count; i++) {
    lua_pushinteger(L, i + 1);
    lua_setfield(L, -2, it->fields[i].name);
  }
  lua_rawseti(L, -2, it->number + 1);
  lh_shape *fresh = realloc(host->shapes, (size_t)(it->number + 1) * sizeof *fresh);
  if (fresh == NULL) return lh_die(L, LUAHOST_MEMORY);
  host->shapes = fresh;
  lh_shape *shape = &fresh[it->number];
  *shape = (lh_shape){ .fields = calloc((size_t)it->count + 1, sizeof(lh_field)) };
  if (shape->fields == NULL) return lh_die(L, LUAHOST_MEMORY);
  host->shape_count = it->number + 1;
  for (int32_t i = 0; i < it->count; i++) {
    const luahost_field *field = &it->fields[i];
    shape->fields[i] = (lh_field){ .name = strdup(field->name), .kind = field->kind, .shape = field->shape, .place = shape->size };
    shape->count = i + 1;
    shape->size += room_of(host, field);
    if (shape->fields[i].name == NULL) return lh_die(L, LUAHOST_MEMORY);
  }
  return 0;
}

luahost_failure luahost_add_shape(luahost *host, const luahost_field *fields, int32_t count, int32_t *number) {
  definition it = { .fields = fields, .count = count, .number = host->shape_count };
  *number = it.number;
  return lh_protect(host, add_shape, &it);
}

void lh_free_shapes(luahost *host) {
  for (int32_t i = 0; i < host->shape_count; i++) {
    for (int32_t j = 0; j < host->shapes[i].count; j++) free(host->shapes[i].fields[j].name);
    free(host->shapes[i].fields);
  }
  free(host->shapes);
}

const luahost_value *luahost_list(const luahost *host) { return host->list; }
