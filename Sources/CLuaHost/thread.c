// Lua and the C library recurse further than 8 MiB of stack carry (an error message about a long chain of fields, for one),
// and the default stack follows `ulimit -s`. So scripts run on a thread with a stack of their own size.
#include <pthread.h>
#include <stdlib.h>
#include "internal.h"

enum { STACK_MIB = 256 };

typedef struct start { void (*body)(void *); void *context; } start;

// This thread has such a stack already.
static _Thread_local bool is_big;

static void *begin(void *argument) {
  const start *it = argument;
  is_big = true;
  it->body(it->context);
  return NULL;
}

static void *begin_detached(void *argument) {
  const start it = *(start *)argument;
  free(argument);
  is_big = true;
  it.body(it.context);
  return NULL;
}

static bool make_thread(pthread_t *thread, void *(*entry)(void *), start *it, bool detached) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  const bool made = pthread_attr_setstacksize(&attributes, (size_t)STACK_MIB << 20) == 0
      && (!detached || pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0)
      && pthread_create(thread, &attributes, entry, it) == 0;
  pthread_attr_destroy(&attributes);
  return made;
}

bool luahost_run_on_big_stack(void (*body)(void *context), void *context) {
  if (is_big) {
    body(context);
    return true;
  }
  start it = { body, context };
  pthread_t thread;
  return make_thread(&thread, begin, &it, false) && pthread_join(thread, NULL) == 0;
}

bool luahost_start_on_big_stack(void (*body)(void *context), void *context) {
  start *it = malloc(sizeof *it);
  if (it == NULL) return false;
  *it = (start){ body, context };
  pthread_t thread;
  const bool made = make_thread(&thread, begin_detached, it, true);
  if (!made) free(it);
  return made;
}
