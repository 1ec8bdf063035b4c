// Lua and the C library recurse further than 8 MiB of stack carry (an error message about a long chain of fields, for one),
// and the default stack follows `ulimit -s`. So scripts run on a stack of their own size. It belongs to the calling thread:
// making a second one and waiting for it takes a twentieth of the start of a small script.
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include "internal.h"

enum { STACK_MIB = 256 };

typedef struct start {
  void (*body)(void *);
  void *context;
  ucontext_t caller, stack;
} start;

// makecontext passes ints.
static void begin(unsigned high, unsigned low) {
  const start *it = (const start *)((uintptr_t)high << 32 | low);
  it->body(it->context);
}

bool luahost_run_on_big_stack(void (*body)(void *context), void *context) {
  const size_t size = (size_t)STACK_MIB << 20, guard = (size_t)sysconf(_SC_PAGESIZE);
  char *room = mmap(NULL, size + guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (room == MAP_FAILED) return false;
  start it = { .body = body, .context = context };
  // The lowest page stays closed: a stack that is used up ends the process there.
  const bool ready = mprotect(room + guard, size, PROT_READ | PROT_WRITE) == 0 && getcontext(&it.stack) == 0;
  if (ready) {
    it.stack.uc_stack.ss_sp = room + guard;
    it.stack.uc_stack.ss_size = size;
    it.stack.uc_link = &it.caller;
    const uintptr_t argument = (uintptr_t)&it;
    makecontext(&it.stack, (void (*)(void))begin, 2, (unsigned)(argument >> 32), (unsigned)argument);
    swapcontext(&it.caller, &it.stack);
  }
  munmap(room, size + guard);
  return ready;
}
