/*
 * sgxbench: an SGX processor and the Linux driver for it as a model, driven by Lua scenarios. This is the bench for programs in C, and in
 * whatever calls C: libsgxbench-c.so. Docs/EmbeddingInC.md has programs.
 *
 * Who frees what: what a function with "create" in its name or sgxbench_run gives, the caller frees, by the function with "free" in its
 * name; none of these objects needs another to be alive, and NULL may be freed. A pointer that a function returns belongs to the
 * object it was asked of and lives as long; a pointer that is given is read before the function returns and not kept. Callbacks and their
 * contexts are kept: they must live as long as the runner.
 *
 * Text is UTF-8 that ends with a zero byte; control characters in it are written as \x1b. NULL is refused where an object or a text is
 * expected (SGXBENCH_INVALID, or NULL, or 0).
 *
 * Threads: there is nothing global; different runners and different machines may be used at once from different threads. A runner or a
 * machine belongs to one thread at a time. A result does not change and may be read by several threads; a stop may be used from any.
 * Callbacks run on a thread of the run, while sgxbench_run waits for it.
 */
#ifndef SGXBENCH_H
#define SGXBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rises when something below changes so that a program must be compiled anew. */
#define SGXBENCH_INTERFACE 2

typedef struct sgxbench_runner sgxbench_runner;
typedef struct sgxbench_result sgxbench_result;
typedef struct sgxbench_call sgxbench_call;
typedef struct sgxbench_stop sgxbench_stop;

/* What a function answers. The numbers do not change; new ones may be added. */
typedef enum {
  SGXBENCH_OK = 0,
  /* NULL where something is expected, or a number that makes no sense. sgxbench_runner_error says which. */
  SGXBENCH_INVALID = 1,
  /* No driver version, module or function can have that name. */
  SGXBENCH_NAME = 2
} sgxbench_status;

/* What became of a test, and of a whole file: the worst of its tests, SGXBENCH_ERROR if it could not be run, SGXBENCH_STOPPED if it was
   stopped and nothing worse had come before. */
typedef enum {
  SGXBENCH_PASSED = 0,
  /* A check failed, a law of the driver was broken, or a limit was hit. */
  SGXBENCH_FAILED = 1,
  /* The script is wrong. */
  SGXBENCH_ERROR = 2,
  /* A law of the bench itself was broken: a bug of the bench. */
  SGXBENCH_BROKEN = 3,
  /* It failed on a driver version on which it says it does; as good as passed. */
  SGXBENCH_FAILED_AS_EXPECTED = 4,
  SGXBENCH_PENDING = 5,
  /* It is meant for other driver versions and did not run. */
  SGXBENCH_OTHER_DRIVER = 6,
  /* It was stopped before its end. */
  SGXBENCH_STOPPED = 7
} sgxbench_outcome;

/* The version of the bench. Never freed. */
const char *sgxbench_version(void);
/* SGXBENCH_INTERFACE of the library, to be compared with that of the header. */
int32_t sgxbench_interface(void);

/* A runner with the driver that `sgxbench run` takes, seed 1 and the usual limits. The caller frees it. */
sgxbench_runner *sgxbench_runner_create(void);
void sgxbench_runner_free(sgxbench_runner *runner);
/* Why the last function that was given this runner did not answer SGXBENCH_OK; empty if it did. Lives until the next such function. */
const char *sgxbench_runner_error(sgxbench_runner *runner);

/* The driver of every machine that names none: "6.1", "v39", "reviewed". */
sgxbench_status sgxbench_runner_set_driver(sgxbench_runner *runner, const char *name);
sgxbench_status sgxbench_runner_set_seed(sgxbench_runner *runner, uint64_t seed);
/* What a test may use up: work (see Docs/LuaHost.md), and bytes of its values, of a source file, of what it prints. Each is 1 to 2^40. */
sgxbench_status sgxbench_runner_set_limits(
    sgxbench_runner *runner, int64_t fuel, int64_t memory, int64_t source, int64_t output);
/* A module that scenarios may require: parts of a-z 0-9 _ with dots between. The source is copied; a second one of a name replaces the first. */
sgxbench_status sgxbench_runner_set_module(sgxbench_runner *runner, const char *name, const char *source, size_t length);
/* An enclave image that scenarios ask for by name: a file, and the file of its SIGSTRUCT or NULL. They are read when a scenario asks. */
sgxbench_status sgxbench_runner_set_image(sgxbench_runner *runner, const char *name, const char *path, const char *sigstruct_path);

/* Plans a fault for every machine of every test, in the words of --inject: "power@leaf:EEXTEND,nth=3". SGXBENCH_NAME where it is none. */
sgxbench_status sgxbench_runner_inject(sgxbench_runner *runner, const char *fault);
/* Takes every planned fault back. */
sgxbench_status sgxbench_runner_cancel_faults(sgxbench_runner *runner);
/* A value for an option that scripts declare; the last one of a name counts, and a script that declares no such option does not see it. */
sgxbench_status sgxbench_runner_set_option(sgxbench_runner *runner, const char *name, const char *value);
/* Whether results tell what each machine did, for SGXBENCH_HTML and SGXBENCH_JSON: what `--stories` says. They do not by themselves. */
sgxbench_status sgxbench_runner_set_stories(sgxbench_runner *runner, bool wanted);

/*
 * A function of the program that scenarios find in a module. It reads its arguments, pushes at most 16 results, and returns true; or it
 * calls sgxbench_call_fail and returns false, and the script sees a Lua error with its own file and line. It must return: no longjmp, no
 * exception. The call is gone when it has.
 */
typedef bool (*sgxbench_function)(void *context, sgxbench_call *call);
sgxbench_status sgxbench_runner_set_function(
    sgxbench_runner *runner, const char *module, const char *name, sgxbench_function function, void *context);

/* Arguments are counted from 1. The readers answer false where there is no such argument or it is of another kind, and note an error
   that says so: a function may just return false then. */
int32_t sgxbench_call_argument_count(const sgxbench_call *call);
bool sgxbench_call_integer(sgxbench_call *call, int32_t position, int64_t *value);
bool sgxbench_call_number(sgxbench_call *call, int32_t position, double *value);
bool sgxbench_call_boolean(sgxbench_call *call, int32_t position, bool *value);
/* A string of Lua may hold any bytes. They live as long as the call, and a zero byte that is not counted follows them. */
bool sgxbench_call_string(sgxbench_call *call, int32_t position, const char **bytes, size_t *length);
/* Pages of EPC of the script's machine: all, and those the driver has free. */
bool sgxbench_call_machine_pages(sgxbench_call *call, int32_t position, uint64_t *total, uint64_t *free);
void sgxbench_call_push_nil(sgxbench_call *call);
void sgxbench_call_push_integer(sgxbench_call *call, int64_t value);
void sgxbench_call_push_number(sgxbench_call *call, double value);
void sgxbench_call_push_boolean(sgxbench_call *call, bool value);
/* The bytes are copied. */
void sgxbench_call_push_string(sgxbench_call *call, const char *bytes, size_t length);
/* Notes why the function refuses. The text is copied. */
void sgxbench_call_fail(sgxbench_call *call, const char *message);

/* Told of each test when it is over: a result with this one test, number 0, which is gone when the callback returns. */
typedef void (*sgxbench_observer)(void *context, const sgxbench_result *result);
/* NULL takes the observer away. */
sgxbench_status sgxbench_runner_set_observer(sgxbench_runner *runner, sgxbench_observer observer, void *context);

/* Ends runs before their end: a deadline, a button. There is no way back, so each run that may be stopped takes a new one. */
sgxbench_stop *sgxbench_stop_create(void);
void sgxbench_stop_free(sgxbench_stop *stop);
/* Asks for the end, from any thread; the run stops within some thousand instructions of the script. The first reason wins; it is copied
   up to 127 bytes. */
void sgxbench_stop_request(sgxbench_stop *stop, const char *reason);
/* The stop of the runs that follow. NULL: they cannot be stopped. */
sgxbench_status sgxbench_runner_set_stop(sgxbench_runner *runner, const sgxbench_stop *stop);

/*
 * Runs a scenario from memory. `name` is what messages call it. Whether its tests pass or not, the answer is SGXBENCH_OK and *result is a
 * result that the caller frees; otherwise *result is NULL. A runner can run any number of scenarios.
 */
sgxbench_status sgxbench_run(
    sgxbench_runner *runner, const char *name, const char *source, size_t length, sgxbench_result **result);
void sgxbench_result_free(sgxbench_result *result);

sgxbench_outcome sgxbench_result_outcome(const sgxbench_result *result);
/* Why the scenario could not be run at all; NULL if it could. */
const char *sgxbench_result_error(const sgxbench_result *result);
/* The reason for which it was stopped before its end; NULL if it was not. Tests that had not ended are not in the result. */
const char *sgxbench_result_stopped(const sgxbench_result *result);
size_t sgxbench_result_test_count(const sgxbench_result *result);
/* Tests and failures are counted from 0; beyond the last there is NULL, 0 or SGXBENCH_ERROR. */
sgxbench_outcome sgxbench_test_outcome(const sgxbench_result *result, size_t test);
/* Names of the describes around the test and its own, " / " between. */
const char *sgxbench_test_name(const sgxbench_result *result, size_t test);
uint64_t sgxbench_test_checks(const sgxbench_result *result, size_t test);
/* What it printed, any bytes. */
const char *sgxbench_test_output(const sgxbench_result *result, size_t test, size_t *length);
size_t sgxbench_test_failure_count(const sgxbench_result *result, size_t test);
/* What was wrong, in a line. */
const char *sgxbench_failure_message(const sgxbench_result *result, size_t test, size_t failure);
const char *sgxbench_failure_file(const sgxbench_result *result, size_t test, size_t failure);
int64_t sgxbench_failure_line(const sgxbench_result *result, size_t test, size_t failure);

/* As `sgxbench run --format` writes it (Docs/Reports.md): pretty, json, tap, ktap, junit, html. */
typedef enum {
  SGXBENCH_TEXT = 0,
  SGXBENCH_JSON = 1,
  SGXBENCH_TAP = 2,
  SGXBENCH_KTAP = 3,
  SGXBENCH_JUNIT = 4,
  SGXBENCH_HTML = 5
} sgxbench_format;
/* Gives a report of the result to `write`, in one or more pieces, before it returns. */
typedef void (*sgxbench_write)(void *context, const char *bytes, size_t length);
sgxbench_status sgxbench_result_report(
    const sgxbench_result *result, sgxbench_format format, sgxbench_write write, void *context);

/*
 * A machine without scenarios: an SGX processor, its kernel, and processes that make system calls by bytes.
 *
 * Addresses are those of the process in the machine, not of the program: memory is mapped in it by sgxbench_mmap and filled by
 * sgxbench_memory_write. Only the struct that an ioctl is given stands in the program's own memory, and is written back there.
 * A machine is gone with sgxbench_machine_free; it needs no runner. What its functions return as text lives until the next function
 * that is given the machine.
 */
typedef struct sgxbench_machine sgxbench_machine;

/* What a system call came to. */
typedef enum {
  /* It returned: 0 or a value, or an errno. */
  SGXBENCH_RETURNED = 0,
  /* A signal ended the process. */
  SGXBENCH_KILLED = 1,
  /* The run cannot go on truthfully: sgxbench_machine_finding says why. Every call from now on ends so. */
  SGXBENCH_RUN_STOPPED = 2,
  /* It could not be made: no such process, or NULL where something is expected. */
  SGXBENCH_NO_CALL = 3
} sgxbench_ending;

typedef struct {
  sgxbench_ending ending;
  /* Linux's number of the errno; 0 where there is none. */
  int32_t error;
  /* The signal that ended the process; 0 where none did. */
  int32_t signal;
  /* What it returned: 0, a descriptor, an address; -1 with an errno, as a program sees it. */
  int64_t value;
} sgxbench_answer;

/* When the laws are checked. */
typedef enum { SGXBENCH_CHECK_EVERY_CALL = 0, SGXBENCH_CHECK_EVERY_STEP = 1, SGXBENCH_CHECK_NEVER = 2 } sgxbench_check;

/* The file of a device. */
typedef struct {
  /* Permission bits: 0660. */
  uint32_t mode;
  uint32_t user;
  /* The name of its group; NULL means "sgx" for /dev/sgx_enclave and "sgx_prv" for /dev/sgx_provision. */
  const char *group;
} sgxbench_device_options;

/* What a machine is made of. Set all by sgxbench_machine_options_default, then change what matters. */
typedef struct {
  /* Bytes of this struct, so that a later library knows which fields there are. */
  size_t size;
  /* Bytes of EPC, a multiple of 4096. */
  uint64_t epc;
  /* Bytes of EPC of each NUMA node, node 0 first, in place of `epc`; node_count 0 means one node. */
  const uint64_t *node_epc;
  size_t node_count;
  uint64_t seed;
  /* "6.1.192", "v39", "reviewed"; behind it behaviours to switch: "6.1.192+capsAddPages-reclaims". */
  const char *driver;
  /* "server", "client", "server-cet": the names that sgx.machine takes. */
  const char *processor;
  /* ksgxd does not run by itself. */
  bool ksgxd_manual;
  /* The devices lie on a mount with noexec. */
  bool noexec;
  /* vm.mmap_min_addr and vm.max_map_count. */
  uint64_t mmap_min_addr;
  uint32_t max_map_count;
  /* /dev/sgx_enclave and /dev/sgx_provision. */
  sgxbench_device_options enclave;
  sgxbench_device_options provision;
  sgxbench_check check;
  /* The trace has the whole run, not only the last 4096 events. */
  bool whole_trace;
} sgxbench_machine_options;

/* The machine that a scenario gets where it says nothing. */
sgxbench_machine_options sgxbench_machine_options_default(void);
/* NULL for options means the default. The caller frees the machine. On a refusal *machine is NULL, and `message`, of `room` bytes, says why. */
sgxbench_status sgxbench_machine_create(
    const sgxbench_machine_options *options, sgxbench_machine **machine, char *message, size_t room);
void sgxbench_machine_free(sgxbench_machine *machine);
/* Why the last function that was given this machine did not do what it was asked; empty if it did. */
const char *sgxbench_machine_error(sgxbench_machine *machine);

/* What a process is. Set all by sgxbench_process_options_default, then change what matters. */
typedef struct {
  /* Bytes of this struct. */
  size_t size;
  /* Its user: 1000. 0 is root, who opens every device and maps low addresses. */
  uint32_t user;
  /* Its groups; NULL with a count of 0 means none. The default is sgx and sgx_prv. At most 64. */
  const char *const *groups;
  size_t group_count;
  /* RLIMIT_NOFILE: 1024. */
  uint64_t nofile;
  /* The NUMA node it runs on. */
  uint32_t node;
} sgxbench_process_options;

sgxbench_process_options sgxbench_process_options_default(void);
/* A process without memory; its number, or -1. NULL for options means the default. */
int32_t sgxbench_process_create(sgxbench_machine *machine, const sgxbench_process_options *options);

/* open(2) of a device: "/dev/sgx_enclave", "/dev/sgx_provision"; in v39 "/dev/sgx/enclave", "/dev/sgx/provision". */
sgxbench_answer sgxbench_open(sgxbench_machine *machine, int32_t process, const char *path);
/* ioctl(2). The struct has the size that the command says, and is written back where the kernel writes it back; of a command that <asm/sgx.h>
   does not have nothing is read. NULL is a null pointer. */
sgxbench_answer sgxbench_ioctl(sgxbench_machine *machine, int32_t process, int32_t fd, uint32_t command, void *argument);
/* mmap(2). The flags and rights are those of <sys/mman.h>; with MAP_ANONYMOUS it is ordinary memory, and with an address it is MAP_FIXED. */
sgxbench_answer sgxbench_mmap(
    sgxbench_machine *machine, int32_t process, uint64_t address, uint64_t length, int32_t rights, int32_t flags, int32_t fd);
sgxbench_answer sgxbench_mprotect(sgxbench_machine *machine, int32_t process, uint64_t address, uint64_t length, int32_t rights);
sgxbench_answer sgxbench_munmap(sgxbench_machine *machine, int32_t process, uint64_t address, uint64_t length);
sgxbench_answer sgxbench_close(sgxbench_machine *machine, int32_t process, int32_t fd);

/* What an access from outside an enclave comes to. */
typedef enum {
  SGXBENCH_ACCESS_OK = 0,
  SGXBENCH_ACCESS_SIGBUS = 1,
  SGXBENCH_ACCESS_SIGSEGV = 2,
  SGXBENCH_ACCESS_OUT_OF_MEMORY = 3,
  /* The page is on its way and ksgxd sleeps by order. */
  SGXBENCH_ACCESS_RETRY = 4,
  SGXBENCH_ACCESS_NONE = 5
} sgxbench_access_outcome;
typedef enum { SGXBENCH_READ = 0, SGXBENCH_WRITE = 1, SGXBENCH_EXECUTE = 2 } sgxbench_access_kind;
sgxbench_access_outcome sgxbench_access(sgxbench_machine *machine, int32_t process, uint64_t address, sgxbench_access_kind kind);

/* Puts bytes into ordinary memory of a process, as its own instructions would; false where they are not all mapped. */
bool sgxbench_memory_write(sgxbench_machine *machine, int32_t process, uint64_t address, const void *bytes, size_t length);
bool sgxbench_memory_read(sgxbench_machine *machine, int32_t process, uint64_t address, void *bytes, size_t length);
/* A handler for a signal, with SA_RESTART or without; without any a signal has its usual effect. */
sgxbench_status sgxbench_handle_signal(sgxbench_machine *machine, int32_t process, int32_t signal, bool restarts);

#define SGXBENCH_SIGSTRUCT_SIZE 1808
/* A SIGSTRUCT for what the enclave behind a descriptor measures now, signed with the bench's own test key; false where it measures nothing. */
bool sgxbench_sign(sgxbench_machine *machine, int32_t process, int32_t fd, void *sigstruct);

/* Plans a fault, in the words of --inject: "power@leaf:EEXTEND,nth=3". */
sgxbench_status sgxbench_inject(sgxbench_machine *machine, const char *fault);
/* Takes every planned fault back. */
sgxbench_status sgxbench_cancel_faults(sgxbench_machine *machine);
/* Loses the EPC now: "S3", "S4" or "migration". */
sgxbench_status sgxbench_power_cycle(sgxbench_machine *machine, const char *kind);

/* Pages of EPC: all, free, and lost for good. */
void sgxbench_epc(const sgxbench_machine *machine, uint64_t *total, uint64_t *free, uint64_t *leaked);
/* Lines of the kernel's log, events of the trace that are kept, and laws that were broken, each oldest first and counted from 0; NULL
   beyond the last. */
size_t sgxbench_log_count(const sgxbench_machine *machine);
const char *sgxbench_log_line(sgxbench_machine *machine, size_t line);
size_t sgxbench_trace_count(const sgxbench_machine *machine);
const char *sgxbench_trace_line(sgxbench_machine *machine, size_t line);
size_t sgxbench_broken_law_count(const sgxbench_machine *machine);
const char *sgxbench_broken_law(sgxbench_machine *machine, size_t law);
/* Why the run cannot go on; NULL while it can. */
const char *sgxbench_machine_finding(sgxbench_machine *machine);

#ifdef __cplusplus
}
#endif

#endif
