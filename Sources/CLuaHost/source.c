// What a source text may be, decided before Lua sees it. One pass over the words finds what Lua 5.4.4 must not be given:
// bytecode, `<close>` (its bugs crash), and functions with so many field accesses that naming a variable in an error message
// takes seconds (it searches the function once for every link of a chain).
#include <stdio.h>
#include <string.h>
#include "internal.h"

enum { NESTING_MAX = 220 };

typedef struct scan {
  const unsigned char *at, *end;
  int line;
  lh_source *out;
  bool is_function[NESTING_MAX + 1];
  int fields[NESTING_MAX + 1], joints[NESTING_MAX + 1], locals[NESTING_MAX + 1];
  int depth, function_depth, fields_most, locals_most;
  int64_t compile_fuel;
  size_t literal_most;
} scan;

static bool refuse(lh_source *out, int line, const char *message) {
  out->line = line;
  snprintf(out->message, sizeof out->message, "%s", message);
  return false;
}

static bool is_name(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void newline(scan *s) {
  const unsigned char c = *s->at++;
  if (s->at < s->end && (*s->at == '\n' || *s->at == '\r') && *s->at != c) s->at++;
  s->line++;
}

// At `[`: the level of a long bracket, or -1.
static int long_bracket(const scan *s) {
  const unsigned char *p = s->at + 1;
  while (p < s->end && *p == '=') p++;
  return p < s->end && *p == '[' ? (int)(p - s->at - 1) : -1;
}

static void skip_long(scan *s, int level) {
  s->at += level + 2;
  while (s->at < s->end) {
    if (*s->at == '\n' || *s->at == '\r') {
      newline(s);
    } else if (*s->at++ == ']') {
      const unsigned char *p = s->at;
      while (p < s->end && *p == '=') p++;
      if (p - s->at == level && p < s->end && *p == ']') {
        s->at = p + 1;
        return;
      }
    }
  }
}

static void skip_string(scan *s) {
  const unsigned char quote = *s->at++;
  while (s->at < s->end && *s->at != quote) {
    if (*s->at == '\n' || *s->at == '\r') return;  // unfinished; Lua says so better
    if (*s->at++ != '\\' || s->at >= s->end) continue;
    if (*s->at == 'z') {
      s->at++;
      while (s->at < s->end && strchr(" \t\v\f\n\r", *s->at) != NULL && *s->at != 0) {
        if (*s->at == '\n' || *s->at == '\r') newline(s);
        else s->at++;
      }
    } else if (*s->at == '\n' || *s->at == '\r') {
      newline(s);
    } else {
      s->at++;
    }
  }
  if (s->at < s->end) s->at++;
}

static void open_block(scan *s, bool is_function) {
  if (s->depth == NESTING_MAX) return;  // Lua refuses such depth itself
  s->is_function[++s->depth] = is_function;
  if (is_function) {
    s->function_depth = s->depth;
    s->fields[s->depth] = s->joints[s->depth] = s->locals[s->depth] = 0;
  }
}

static void close_block(scan *s) {
  if (s->depth == 0) return;
  if (s->is_function[s->depth--]) {
    s->function_depth = s->depth;
    while (s->function_depth > 0 && !s->is_function[s->function_depth]) s->function_depth--;
  }
}

static bool equals(const unsigned char *word, size_t length, const char *text) {
  return strlen(text) == length && memcmp(word, text, length) == 0;
}

static void word(scan *s, bool *is_close) {
  const unsigned char *start = s->at;
  while (s->at < s->end && is_name(*s->at)) s->at++;
  const size_t length = (size_t)(s->at - start);
  *is_close = equals(start, length, "close");
  if (equals(start, length, "or") || equals(start, length, "and") || equals(start, length, "elseif")) {
    // The compiler appends each to a list of jumps, which it walks to its end every time.
    s->compile_fuel += ++s->joints[s->function_depth] / 4;
  } else if (equals(start, length, "local")) {
    const int count = ++s->locals[s->function_depth];
    if (count > s->locals_most) s->locals_most = count;
  }
  if (equals(start, length, "function")) open_block(s, true);
  else if (equals(start, length, "do") || equals(start, length, "if") || equals(start, length, "repeat")) open_block(s, false);
  else if (equals(start, length, "end") || equals(start, length, "until")) close_block(s);
}

static bool not_ascii(const scan *s) {
  const unsigned char c = *s->at;
  int length = c >= 0xF5 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
  for (int i = 1; i < length; i++) {
    if (s->end - s->at <= i || (s->at[i] & 0xC0) != 0x80) length = 1;
  }
  s->out->line = s->line;
  if (length == 1) {
    snprintf(s->out->message, sizeof s->out->message, "names may use only A-Z a-z 0-9 _ (found byte 0x%02x)", c);
  } else {
    snprintf(s->out->message, sizeof s->out->message, "names may use only A-Z a-z 0-9 _ (found '%.*s')", length,
             (const char *)s->at);
  }
  return false;
}

static bool count_field(scan *s) {
  const int count = ++s->fields[s->function_depth];
  if (count > s->fields_most) s->fields_most = count;
  return count <= LH_FIELDS_MAX
      || refuse(s->out, s->line, "more than 10,000 field accesses in one function; split it");
}

static void note_literal(scan *s, ptrdiff_t length) {
  if ((size_t)length > s->literal_most) s->literal_most = (size_t)length;
}

static bool scan_words(scan *s) {
  int close_state = 0;  // 1 after `<`, 2 after `< close`
  while (s->at < s->end) {
    const unsigned char c = *s->at;
    if (c == '\n' || c == '\r') { newline(s); continue; }
    if (c == ' ' || c == '\t' || c == '\v' || c == '\f') { s->at++; continue; }
    if (c == '-' && s->end - s->at > 1 && s->at[1] == '-') {
      s->at += 2;
      const int level = s->at < s->end && *s->at == '[' ? long_bracket(s) : -1;
      if (level >= 0) skip_long(s, level);
      else while (s->at < s->end && *s->at != '\n' && *s->at != '\r') s->at++;
      continue;
    }
    if (c == '>' && close_state == 2) {
      return refuse(s->out, s->line, "'<close>' is not available in scenarios (see docs: sandbox)");
    }
    if (is_name(c)) {
      bool is_close;
      word(s, &is_close);
      close_state = close_state == 1 && is_close ? 2 : 0;
      continue;
    }
    close_state = c == '<' ? 1 : 0;
    const unsigned char *const start = s->at;
    if (c == '"' || c == '\'') {
      skip_string(s);
      note_literal(s, s->at - start);
      continue;
    }
    if (c == '[') {
      const int level = long_bracket(s);
      if (level >= 0) {
        skip_long(s, level);
        note_literal(s, s->at - start);
        continue;
      }
    }
    if (c >= 0x80) return not_ascii(s);
    if (c == 0) return refuse(s->out, s->line, "unexpected zero byte; a script is text");  // Lua's message would not show it
    if ((c == '.' || c == '[' || c == ':') && !count_field(s)) return false;
    s->at++;
  }
  return true;
}

// On success text and length are what Lua is to be given: without byte-order mark and `#!` line. On failure message and line
// (0 for the whole file) say why.
bool lh_check_source(luahost *host, const uint8_t *bytes, size_t length, lh_source *source) {
  source->line = 0;
  if (length > host->limits.source) {
    char found[32], limit[48];
    lh_grouped((int64_t)length, found);
    lh_sized(host->limits.source, limit);
    snprintf(source->message, sizeof source->message, "%s bytes is over the limit of %s (--source-limit)", found, limit);
    return false;
  }
  host->source_loaded += length;
  if (host->source_loaded > host->limits.source * LH_SOURCE_TOTAL) {
    return refuse(source, 0, "the run has loaded more than 8 times the source limit (--source-limit)");
  }
  if (length >= 4 && (memcmp(bytes, "\0\0\xFE\xFF", 4) == 0 || memcmp(bytes, "\xFF\xFE\0\0", 4) == 0)) {
    return refuse(source, 0, "looks like UTF-32; save it as UTF-8");
  }
  if (length >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF)
                      || (bytes[0] == 0) != (bytes[1] == 0))) {
    return refuse(source, 0, "looks like UTF-16; save it as UTF-8");
  }
  if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { bytes += 3; length -= 3; }
  if (length > 0 && bytes[0] == '#') {
    while (length > 0 && *bytes != '\n' && *bytes != '\r') { bytes++; length--; }
  }
  if (length > 0 && bytes[0] == 0x1B) return refuse(source, 0, "is Lua bytecode; only source text is run");
  scan s = { .at = bytes, .end = bytes + length, .line = 1, .out = source };
  if (!scan_words(&s)) return false;
  // An error in such a function costs about a quarter of the square of its field accesses.
  const int64_t cost = 20 + (int64_t)s.fields_most * s.fields_most / 4;
  if (cost > host->caught_error_fuel) host->caught_error_fuel = cost;
  if (s.locals_most > host->locals_most) host->locals_most = s.locals_most;
  if (s.literal_most > host->literal_most) host->literal_most = s.literal_most;
  lh_sow(host, bytes, length);
  source->fuel = s.compile_fuel + (int64_t)length / 2;
  source->text = (const char *)bytes;
  source->length = length;
  return true;
}
