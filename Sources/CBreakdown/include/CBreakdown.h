// What happens when the bench itself breaks down: a trap of Swift, a memory fault, an abort. The process replaces itself (execve) by one
// that does the same run around the struck test, which is possible because a run is the same every time. Its reports are whole.
#ifndef CBREAKDOWN_H
#define CBREAKDOWN_H

#include <stdbool.h>
#include <stdint.h>

// Outside of every unit of a run.
enum { BREAKDOWN_NOWHERE = -1 };

// In the place of a signal's number: the system gave no memory, which is no mistake of the bench.
enum { BREAKDOWN_NO_MEMORY = 0 };

// From now on SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE and SIGSEGV come here, and the calling thread, the first, has a second stack for them.
// `arguments`: the command line, ended by NULL; kept.
void breakdown_watch(char *const *arguments);

// Gives the thread a second stack, on which a handler runs when the first is used up, and runs `body`.
void breakdown_guard(void (*body)(void *context), void *context);

// What the calling thread is at: a unit of the run, and a test of it from 1; 0: the unit outside of its tests.
void breakdown_mark(int64_t unit, int64_t test);

// The run is being ended early and waits for nobody: a thread that is struck sleeps from now on.
void breakdown_ending(void);

// Around each write that must come out once, with how much of each kind it has added: bytes of the report on standard output, and
// messages on standard error. A process that goes on begins with what its predecessors have written, and leaves that out.
void breakdown_begin_write(void);
void breakdown_end_write(uint64_t report_bytes, uint64_t messages);
uint64_t breakdown_report_bytes(void);
uint64_t breakdown_messages(void);

// A file that is nothing until it is whole, and is removed when the process ends at once; NULL: there is none. Kept.
void breakdown_hold_unfinished(const char *path);
const char *breakdown_unfinished(void);

// Where its predecessors were struck, "UNIT.TEST.SIGNAL,UNIT.TEST.SIGNAL"; "" in the first process of a run.
const char *breakdown_past(void);

// Breaks down on purpose, in ways of C: a write through a null pointer, an abort, a stack that is used up. For the tests.
void breakdown_of_null(void);
void breakdown_of_abort(void);
uint64_t breakdown_of_stack(uint64_t depth);

// The same number, which no compiler foresees.
uint64_t breakdown_unknown(uint64_t number);

#endif
