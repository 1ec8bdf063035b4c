// Text that is made where a signal has struck: into given bytes, cut where they end.
#ifndef BREAKDOWN_TEXT_H
#define BREAKDOWN_TEXT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct text { char *next, *end; } text;

static inline void text_add(text *it, const char *bytes) {
  while (*bytes != '\0' && it->next < it->end) *it->next++ = *bytes++;
}

static inline void text_add_number(text *it, uint64_t number) {
  char digits[24];
  char *first = digits + sizeof digits - 1;
  *first = '\0';
  do *--first = (char)('0' + number % 10); while ((number /= 10) != 0);
  text_add(it, first);
}

// Ends it with a zero; false where something was cut.
static inline bool text_end(text *it) {
  if (it->next == it->end) return false;
  *it->next = '\0';
  return true;
}

#endif
