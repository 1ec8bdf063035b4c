// Lua and the C library recurse further than 8 MiB of stack carry (an error message about a long chain of fields, for one),
// and the default stack follows `ulimit -s`. So scripts run on a thread with a stack of their own size.
#include <pthread.h>
#include "internal.h"

enum { STACK_MIB = 256 };

typedef struct start { void (*body)(void *); void *context; } start;

static void *begin(void *argument) {
  const start *it = argument;
  it->body(it->context);
  return NULL;
}

bool luahost_run_on_big_stack(void (*body)(void *context), void *context) {
  start it = { body, context };
  pthread_attr_t attributes;
  pthread_t thread;
  if (pthread_attr_init(&attributes) != 0) return false;
  const bool made = pthread_attr_setstacksize(&attributes, (size_t)STACK_MIB << 20) == 0
      && pthread_create(&thread, &attributes, begin, &it) == 0;
  pthread_attr_destroy(&attributes);
  return made && pthread_join(thread, NULL) == 0;
}
