// The handler. Everything in it may be called where a signal strikes (signal-safety(7)): it allocates nothing and takes no lock, and all it
// does in the end is to execute the program again.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "CBreakdown.h"
#include "text.h"

extern char **environ;

// The variable in which a process tells its successor. Whoever runs the program has no use for it.
static const char name[] = "SGXBENCH_AROUND=";

enum { STATUS_BROKEN = 3, STATUS_NO_MEMORY = 69, STACK_BYTES = 64 << 10, LIST_BYTES = 64 << 10, NOWHERE_BYTES = 1 << 20 };

static char *const *command_line;
// Room for the environment of a successor: where memory is what failed, there will be none.
static char **successor;
static const int signals[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV };
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

static _Thread_local volatile int64_t unit_here = BREAKDOWN_NOWHERE;
static _Thread_local volatile int64_t test_here;
static _Thread_local volatile sig_atomic_t is_handling;

static atomic_bool is_ending, is_striking, is_writing;
static atomic_uint_fast64_t report_written, messages_written;
static _Atomic(const char *) unfinished;

// Of the predecessors; "" where there is none. Read once, before there are threads.
static const char *past = "";

// "PROCESS:BYTES:MESSAGES:UNIT.TEST.SIGNAL,..."
static void read_past(void) {
  char *text = getenv("SGXBENCH_AROUND");
  if (text == NULL) return;
  // The number stays the same across execve: a variable that somebody else has handed down is none of ours.
  if ((pid_t)strtoul(text, &text, 10) != getpid() || *text++ != ':') return;
  const uint64_t report_bytes = strtoull(text, &text, 10);
  if (*text++ != ':') return;
  const uint64_t messages = strtoull(text, &text, 10);
  if (*text++ != ':') return;
  atomic_store(&report_written, report_bytes);
  atomic_store(&messages_written, messages);
  past = text;
}

// The variable for the successor. Not on the second stack, which is small.
static char variable[LIST_BYTES];

void breakdown_mark(int64_t unit, int64_t test) {
  unit_here = unit;
  test_here = test;
  errno = 0;
}

void breakdown_ending(void) { atomic_store(&is_ending, true); }

static void sleep_for_ever(void) {
  for (;;) pause();
}

// Whoever strikes waits until nobody writes, and nobody begins to write when somebody strikes.
void breakdown_begin_write(void) {
  atomic_store(&is_writing, true);
  if (!atomic_load(&is_striking)) return;
  atomic_store(&is_writing, false);
  sleep_for_ever();
}

void breakdown_end_write(uint64_t report_bytes, uint64_t messages) {
  atomic_fetch_add(&report_written, report_bytes);
  atomic_fetch_add(&messages_written, messages);
  atomic_store(&is_writing, false);
}

uint64_t breakdown_report_bytes(void) { return atomic_load(&report_written); }

uint64_t breakdown_messages(void) { return atomic_load(&messages_written); }

void breakdown_hold_unfinished(const char *path) { atomic_store(&unfinished, path); }

const char *breakdown_unfinished(void) { return atomic_load(&unfinished); }

// There is no report any more, and no way back.
static _Noreturn void end(int number, const char *why) {
  const char *path = atomic_load(&unfinished);
  if (path != NULL) unlink(path);
  text it = { variable, variable + sizeof variable };
  if (number == BREAKDOWN_NO_MEMORY) {
    text_add(&it, "sgxbench: the system gives no more memory\n");
  } else {
    text_add(&it, "sgxbench: the bench itself broke down ");
    text_add(&it, why);
    text_add(&it, "; please report this\n");
  }
  const int status = number == BREAKDOWN_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_BROKEN;
  if (write(2, variable, (size_t)(it.next - variable)) < 0) _exit(status);
  _exit(status);
}

// The environment with the variable in the place of the predecessor's. Nothing adds a variable once the program runs.
static void make_successor_environment(void) {
  size_t count = 0;
  while (environ[count] != NULL) count++;
  successor = calloc(count + 2, sizeof *successor);
  if (successor == NULL) return;
  size_t next = 0;
  for (size_t index = 0; index < count; index++)
    if (strncmp(environ[index], name, sizeof name - 1) != 0) successor[next++] = environ[index];
  successor[next] = variable;
}

// Whether a predecessor was struck at the place that `entry` begins with: the way around it leads into it again.
static bool was_struck_at(const char *entry) {
  const size_t length = strlen(entry);
  for (const char *place = past; *place != '\0'; place++)
    if ((place == past || place[-1] == ',') && strncmp(place, entry, length) == 0) return true;
  return false;
}

static _Noreturn void go_on(int number) {
  char entry[64];
  text place = { entry, entry + sizeof entry };
  text_add_number(&place, (uint64_t)unit_here);
  text_add(&place, ".");
  text_add_number(&place, (uint64_t)test_here);
  text_add(&place, ".");
  if (!text_end(&place) || was_struck_at(entry)) end(number, "twice in the same place");
  text it = { variable, variable + sizeof variable };
  text_add(&it, name);
  text_add_number(&it, (uint64_t)getpid());
  text_add(&it, ":");
  text_add_number(&it, atomic_load(&report_written));
  text_add(&it, ":");
  text_add_number(&it, atomic_load(&messages_written));
  text_add(&it, ":");
  if (*past != '\0') {
    text_add(&it, past);
    text_add(&it, ",");
  }
  text_add(&it, entry);
  text_add_number(&it, (uint64_t)number);
  if (!text_end(&it)) end(number, "in too many tests");
  if (successor != NULL) execve("/proc/self/exe", command_line, successor);
  end(number, "and cannot run again around it");
}

// Swift aborts where malloc returns NULL, C++ too, and others trap over what they then do not have, or write through it. All of them find out
// by malloc, which leaves ENOMEM, and nothing else between the beginning of a test and here does: who bears a refusal takes the mark away.
static bool is_refused_memory(int number, const siginfo_t *about) {
  if (errno != ENOMEM) return false;
  if (number == SIGSEGV) return (uintptr_t)about->si_addr < NOWHERE_BYTES;
  return number == SIGABRT || number == SIGILL || number == SIGTRAP;
}

static void handle(int number, siginfo_t *about, void *context) {
  (void)context;
  const int cause = is_refused_memory(number, about) ? BREAKDOWN_NO_MEMORY : number;
  // Sent by somebody else, who means the process and not the bench.
  if (about->si_code <= 0 && about->si_pid != getpid()) {
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  if (is_handling) _exit(cause == BREAKDOWN_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_BROKEN);
  is_handling = 1;
  if (atomic_load(&is_ending) && unit_here >= 0) sleep_for_ever();
  if (atomic_exchange(&is_striking, true)) sleep_for_ever();
  if (unit_here < 0) end(cause, "outside of its tests");
  while (atomic_load(&is_writing)) poll(NULL, 0, 1);
  go_on(cause);
}

void breakdown_watch(char *const *arguments) {
  command_line = arguments;
  read_past();
  make_successor_environment();
  // The first thread has what `ulimit -s` leaves it, which may be less than this.
  static char second[STACK_BYTES];
  const stack_t here = { .ss_sp = second, .ss_size = sizeof second };
  sigaltstack(&here, NULL);
  struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
  sigemptyset(&action.sa_mask);
  for (int index = 0; index < SIGNAL_COUNT; index++) sigaction(signals[index], &action, NULL);
  // Whoever started the program may have held them back, and the system ends a process that breaks down with its signal held back.
  sigset_t own;
  sigemptyset(&own);
  for (int index = 0; index < SIGNAL_COUNT; index++) sigaddset(&own, signals[index]);
  sigprocmask(SIG_UNBLOCK, &own, NULL);
}

const char *breakdown_past(void) { return past; }

void breakdown_guard(void (*body)(void *context), void *context) {
  // At the far end of the thread's own stack from where it is used up, and its pages are not there before they are needed.
  char second[STACK_BYTES];
  const stack_t here = { .ss_sp = second, .ss_size = sizeof second };
  stack_t before;
  sigaltstack(&here, &before);
  body(context);
  sigaltstack(&before, NULL);
}
