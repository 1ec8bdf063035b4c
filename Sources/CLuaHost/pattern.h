// The counted matcher of Lua patterns; see pattern.c.
#ifndef CLUAHOST_PATTERN_H
#define CLUAHOST_PATTERN_H

#include "internal.h"

enum { LH_CAPTURES_MAX = 32, LH_CAPTURE_OPEN = -1, LH_CAPTURE_POSITION = -2 };

typedef struct lh_match {
  lua_State *L;
  const char *subject, *subject_end, *pattern_end;
  int captures, depth;
  int64_t steps;                        // not yet charged
  struct { const char *start; ptrdiff_t length; } capture[LH_CAPTURES_MAX];
} lh_match;

// The end of the match of the pattern at `p` that begins at `s`, or NULL. Captures are those of this attempt.
const char *lh_match_at(lh_match *m, const char *s, const char *p);
// Charges the steps not yet charged.
void lh_match_settle(lh_match *m);

#endif
