// A line typed at a prompt: the values of an expression come back, a statement is run, and text that only lacks its end says so.
#include <string.h>
#include "internal.h"

typedef struct input {
  const char *name, *function;
  const uint8_t *bytes;
  size_t length;
  int32_t first_line;
  bool incomplete;
} input;

// What Lua reads: line feeds, so that lines are counted over all inputs, a beginning, the text.
typedef struct feed { int32_t lines; const char *beginning; lh_source source; } feed;

static const char *next_piece(lua_State *L, void *ud, size_t *size) {
  (void)L;
  static const char line_feeds[] = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
  feed *it = ud;
  const char *piece = it->beginning;
  if (it->lines > 0) {
    *size = strlen(line_feeds);
    if (*size > (size_t)it->lines) *size = (size_t)it->lines;
    it->lines -= (int32_t)*size;
    return line_feeds;
  }
  if (piece != NULL) {
    it->beginning = NULL;
    *size = strlen(piece);
    if (*size > 0) return piece;
  }
  *size = it->source.length;
  it->source.length = 0;
  return it->source.text;
}

// Pushes the function and returns true, or pushes the message.
static bool load(lua_State *L, const input *it, const lh_source *source, const char *beginning) {
  feed pieces = { .lines = it->first_line - 1, .beginning = beginning, .source = *source };
  lua_pushfstring(L, "@%s", it->name);
  const int status = lua_load(L, next_piece, &pieces, lua_tostring(L, -1), "t");
  lua_remove(L, -2);
  if (status == LUA_ERRMEM) lh_die(L, LUAHOST_MEMORY);
  return status == LUA_OK;
}

static bool ends_too_early(lua_State *L) {
  size_t length;
  const char *message = lua_tolstring(L, -1, &length);
  return message != NULL && length >= 5 && memcmp(message + length - 5, "<eof>", 5) == 0;
}

static int evaluate_body(lua_State *L) {
  luahost *host = lh_host(L);
  input *it = lua_touserdata(L, 1);
  host->result_count = 0;
  host->source_loaded = 0;   // each input has the limits of a run
  lh_check_stop(L);
  lh_source source;
  if (!lh_check_source(host, it->bytes, it->length, &source)) {
    host->kind = LUAHOST_SOURCE;
    lua_pushfstring(L, "%s:%d: %s", it->name, it->first_line - 1 + (source.line > 0 ? source.line : 1), source.message);
    return lua_error(L);
  }
  lh_charge(L, source.fuel);
  // With a value ahead the last call is no tail call, which would leave no frame of the input to name a line by.
  const bool is_expression = load(L, it, &source, "return nil, ");
  if (!is_expression) {
    it->incomplete = ends_too_early(L);
    lua_pop(L, 1);
    if (load(L, it, &source, "")) {
      it->incomplete = false;
    } else {
      it->incomplete = it->incomplete || ends_too_early(L);
      host->kind = LUAHOST_SYNTAX;
      return lua_error(L);
    }
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_SCRIPT_ENV);
  lua_setupvalue(L, -2, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LH_EXPORTS);
  lua_pushstring(L, it->function);
  if (lua_rawget(L, -2) == LUA_TNIL) return luaL_error(L, "the prelude exports no function '%s'", it->function);
  lua_pushvalue(L, -3);
  lua_pushboolean(L, is_expression);
  const int first = lua_gettop(L) - 2;
  lua_call(L, 2, LUA_MULTRET);
  lh_keep_results(L, first);
  return 0;
}

luahost_failure luahost_evaluate(luahost *host, const char *name, int32_t first_line, const uint8_t *source, size_t length,
                                 const char *function, bool *incomplete) {
  input it = { .name = name, .function = function, .bytes = source, .length = length, .first_line = first_line };
  const luahost_failure failure = lh_protect(host, evaluate_body, &it);
  *incomplete = failure == LUAHOST_SYNTAX && it.incomplete;
  return failure;
}

void luahost_renew_output(luahost *host) {
  host->output_bytes = host->output_lines = 0;
  host->output_cut = false;
}
