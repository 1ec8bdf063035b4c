// Where a law of the bench that does not hold is noted: one place for each thread, because a law may be seen where nothing can be handed
// out, deep in a value or while one is only read, and because a machine makes each of its steps on one thread.
#ifndef CBROKENLAW_H
#define CBROKENLAW_H

#include <stdint.h>

// A number of `BenchLaw`; 0: every law holds.
extern _Thread_local uint8_t sgxbench_law_noted;

static inline uint8_t sgxbench_look_at_broken_law(void) { return sgxbench_law_noted; }

// The first breach stays: what follows it may be its consequence.
static inline void sgxbench_note_broken_law(uint8_t law) {
  if (sgxbench_law_noted == 0) sgxbench_law_noted = law;
}

static inline void sgxbench_forget_broken_law(void) { sgxbench_law_noted = 0; }

#endif
