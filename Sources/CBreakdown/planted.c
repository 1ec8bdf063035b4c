// Ways to break down that are C's own; the tests plant them.
#include <stdlib.h>

#include "CBreakdown.h"

void breakdown_of_null(void) { *(volatile int *)8 = 1; }

uint64_t breakdown_unknown(uint64_t number) {
  volatile uint64_t copy = number;
  return copy;
}

void breakdown_of_abort(void) { abort(); }

// The array and the sum keep it from becoming a loop.
__attribute__((noinline)) uint64_t breakdown_of_stack(uint64_t depth) {
  volatile char bytes[1024];
  bytes[depth % sizeof bytes] = 1;
  return breakdown_of_stack(depth + 1) + (uint64_t)bytes[depth % sizeof bytes];
}
