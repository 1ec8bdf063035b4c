// Lua patterns (section 6.4.1 of the manual), matched by counted steps: one bad pattern keeps the library's matcher busy for
// hours, in C, where no hook is asked. Every step is a unit of fuel. The limits are Lua's: 32 captures, depth 200.
#include <string.h>
#include "pattern.h"

enum { DEPTH_MAX = 200, STEPS_BETWEEN_CHARGES = 4096 };

static const char *match(lh_match *m, const char *s, const char *p);

void lh_match_settle(lh_match *m) {
  const int64_t steps = m->steps;
  m->steps = 0;
  lh_charge(m->L, steps);
}

static inline void count(lh_match *m, int64_t steps) {
  m->steps += steps;
  if (m->steps < STEPS_BETWEEN_CHARGES) return;
  lh_match_settle(m);
  lh_check_stop(m->L);
}

// ASCII, whatever the locale.
static bool in_class(unsigned char c, unsigned char class) {
  const bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
  bool found;
  switch (class | 0x20) {
  case 'a': found = lower || upper; break;
  case 'c': found = c < 32 || c == 127; break;
  case 'd': found = digit; break;
  case 'g': found = c > 32 && c < 127; break;
  case 'l': found = lower; break;
  case 'p': found = c > 32 && c < 127 && !lower && !upper && !digit; break;
  case 's': found = c == ' ' || (c >= 9 && c <= 13); break;
  case 'u': found = upper; break;
  case 'w': found = lower || upper || digit; break;
  case 'x': found = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); break;
  default: return c == class;
  }
  return class >= 'a' ? found : !found;  // a capital is the complement
}

// The end of the single-character class at `p`.
static const char *class_end(lh_match *m, const char *p) {
  const char first = *p++;
  if (first == '%') {
    if (p == m->pattern_end) lh_error(m->L, "malformed pattern (ends with '%%')");
    return p + 1;
  }
  if (first != '[') return p;
  if (p < m->pattern_end && *p == '^') p++;
  do {  // a ']' in the first place stands for itself
    if (p == m->pattern_end) lh_error(m->L, "malformed pattern (missing ']')");
    if (*p++ == '%') {
      if (p == m->pattern_end) lh_error(m->L, "malformed pattern (missing ']')");
      p++;
    }
    count(m, 1);
  } while (p == m->pattern_end || *p != ']');
  return p + 1;
}

// Whether `c` is in the set from `p` (at '[') to `end` (behind ']').
static bool in_set(lh_match *m, unsigned char c, const char *p, const char *end) {
  bool positive = true;
  count(m, end - p);
  end--;
  p++;
  if (*p == '^') {
    positive = false;
    p++;
  }
  for (; p < end; p++) {
    if (*p == '%') {
      p++;
      if (in_class(c, (unsigned char)*p)) return positive;
    } else if (end - p > 2 && p[1] == '-') {
      if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) return positive;
      p += 2;
    } else if ((unsigned char)*p == c) {
      return positive;
    }
  }
  return !positive;
}

static bool matches_one(lh_match *m, const char *s, const char *p, const char *end) {
  count(m, 1);
  if (s >= m->subject_end) return false;
  const unsigned char c = (unsigned char)*s;
  switch (*p) {
  case '.': return true;
  case '%': return in_class(c, (unsigned char)p[1]);
  case '[': return in_set(m, c, p, end);
  default: return (unsigned char)*p == c;
  }
}

// `*` and `+`: as many as there are, then fewer until the rest matches.
static const char *most(lh_match *m, const char *s, const char *p, const char *end, ptrdiff_t least) {
  ptrdiff_t found = 0;
  while (matches_one(m, s + found, p, end)) found++;
  for (; found >= least; found--) {
    const char *result = match(m, s + found, end + 1);
    if (result != NULL) return result;
  }
  return NULL;
}

// `-`: as few as the rest allows.
static const char *fewest(lh_match *m, const char *s, const char *p, const char *end) {
  for (;; s++) {
    const char *result = match(m, s, end + 1);
    if (result != NULL) return result;
    if (!matches_one(m, s, p, end)) return NULL;
  }
}

static const char *open_capture(lh_match *m, const char *s, const char *p) {
  if (m->captures >= LH_CAPTURES_MAX) lh_error(m->L, "too many captures");
  const bool is_position = p + 1 < m->pattern_end && p[1] == ')';
  m->capture[m->captures].start = s;
  m->capture[m->captures].length = is_position ? LH_CAPTURE_POSITION : LH_CAPTURE_OPEN;
  m->captures++;
  const char *result = match(m, s, p + (is_position ? 2 : 1));
  if (result == NULL) m->captures--;
  return result;
}

static const char *close_capture(lh_match *m, const char *s, const char *p) {
  int last = m->captures - 1;
  while (last >= 0 && m->capture[last].length != LH_CAPTURE_OPEN) last--;
  if (last < 0) lh_error(m->L, "invalid pattern capture");
  m->capture[last].length = s - m->capture[last].start;
  const char *result = match(m, s, p + 1);
  if (result == NULL) m->capture[last].length = LH_CAPTURE_OPEN;
  return result;
}

// `%bxy`, with p at the '%'.
static const char *balanced(lh_match *m, const char *s, const char *p) {
  if (m->pattern_end - p < 4) lh_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (s >= m->subject_end || *s != p[2]) return NULL;
  int64_t open = 1;
  for (s++; s < m->subject_end; s++) {
    count(m, 1);
    if (*s == p[3]) {
      if (--open == 0) return s + 1;
    } else if (*s == p[2]) {
      open++;
    }
  }
  return NULL;
}

// `%f[set]`: from outside the set to inside it; both ends of the subject count as '\0'.
static bool at_frontier(lh_match *m, const char *s, const char *set, const char *end) {
  const unsigned char before = s == m->subject ? 0 : (unsigned char)s[-1];
  const unsigned char here = s == m->subject_end ? 0 : (unsigned char)*s;
  return !in_set(m, before, set, end) && in_set(m, here, set, end);
}

// `%1` to `%9`.
static const char *same_again(lh_match *m, const char *s, int number) {
  if (number < 0 || number >= m->captures || m->capture[number].length == LH_CAPTURE_OPEN) {
    lh_error(m->L, "invalid capture index %%%d", number + 1);
  }
  const ptrdiff_t length = m->capture[number].length;
  if (length == LH_CAPTURE_POSITION || m->subject_end - s < length) return NULL;
  count(m, length / 8);
  return memcmp(m->capture[number].start, s, (size_t)length) == 0 ? s + length : NULL;
}

// One item that is not a single-character class. Returns false when the item is one.
static bool special(lh_match *m, const char **s, const char **p) {
  if (**p != '%' || *p + 1 >= m->pattern_end) return false;
  const char kind = (*p)[1];
  if (kind == 'b') {
    *s = balanced(m, *s, *p);
    *p += 4;
  } else if (kind == 'f') {
    const char *set = *p + 2;
    if (set >= m->pattern_end || *set != '[') lh_error(m->L, "missing '[' after '%%f' in pattern");
    *p = class_end(m, set);
    if (!at_frontier(m, *s, set, *p)) *s = NULL;
  } else if (kind >= '0' && kind <= '9') {
    *s = same_again(m, *s, kind - '1');
    *p += 2;
  } else {
    return false;
  }
  return true;
}

static const char *match(lh_match *m, const char *s, const char *p) {
  if (++m->depth > DEPTH_MAX) lh_error(m->L, "pattern too complex");
  while (s != NULL && p != m->pattern_end) {
    count(m, 1);
    if (*p == '(') { s = open_capture(m, s, p); break; }
    if (*p == ')') { s = close_capture(m, s, p); break; }
    if (*p == '$' && p + 1 == m->pattern_end) {
      if (s != m->subject_end) s = NULL;
      break;
    }
    if (special(m, &s, &p)) continue;
    const char *end = class_end(m, p);
    const char suffix = end < m->pattern_end ? *end : 0;
    if (suffix == '*') { s = most(m, s, p, end, 0); break; }
    if (suffix == '+') { s = most(m, s, p, end, 1); break; }
    if (suffix == '-') { s = fewest(m, s, p, end); break; }
    const bool found = matches_one(m, s, p, end);
    if (suffix == '?') {
      const char *result = found ? match(m, s + 1, end + 1) : NULL;
      if (result != NULL) { s = result; break; }
      p = end + 1;
      continue;
    }
    s = found ? s + 1 : NULL;
    p = end;
  }
  m->depth--;
  return s;
}

const char *lh_match_at(lh_match *m, const char *s, const char *p) {
  m->captures = 0;
  m->depth = 0;
  count(m, 4);
  return match(m, s, p);
}
