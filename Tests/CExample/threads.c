/*
 * Machines and runners on several threads at once: nothing is global, so each thread sees what one alone sees. Prints nothing where that is so.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <sgxbench.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { THREADS = 8, KINDS = 4, ROUNDS = 6 };
static const char *const drivers[KINDS] = {"5.11", "6.1.192", "v39", "reviewed"};

/* FNV-1a over what a machine or a run has to say. */
static void mix(uint64_t *hash, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) *hash = (*hash ^ (unsigned char)text[i]) * 0x100000001b3u;
}

static void write_into(void *context, const char *bytes, size_t length) { mix(context, bytes, length); }

/* Loads an enclave into a machine while power is lost somewhere, and takes in the whole trace, the log, and the broken laws. */
static void drive_machine(uint64_t *hash, int kind, unsigned round) {
  const uint64_t secs[512] = {0x10000, 0x7e0000000000, 1, 0, 0, 0, 4, 3}, secinfo[8] = {0x203};
  char fault[64];
  sgxbench_machine *machine;
  sgxbench_machine_options options = sgxbench_machine_options_default();
  options.driver = drivers[kind], options.seed = round, options.epc = 64 * 4096, options.whole_trace = true;
  if (sgxbench_machine_create(&options, &machine, NULL, 0) != SGXBENCH_OK) return;
  int32_t process = sgxbench_process_create(machine, NULL);
  uint64_t memory = (uint64_t)sgxbench_mmap(machine, process, 0, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1).value;
  uint64_t add[6] = {memory + 0x2000, 0, 8 * 4096, memory + 0x1000, 1, 0}, create = memory;
  sgxbench_memory_write(machine, process, memory, secs, sizeof secs);
  sgxbench_memory_write(machine, process, memory + 0x1000, secinfo, sizeof secinfo);
  int32_t fd = (int32_t)sgxbench_open(machine, process, kind == 2 ? "/dev/sgx/enclave" : "/dev/sgx_enclave").value;
  snprintf(fault, sizeof fault, "power@leaf:EEXTEND,nth=%u", 10 + 20 * round);
  sgxbench_inject(machine, fault);
  sgxbench_ioctl(machine, process, fd, 0x4008A400u, &create);
  sgxbench_ioctl(machine, process, fd, 0xC030A401u, add);
  sgxbench_close(machine, process, fd);
  for (size_t i = 0; i < sgxbench_trace_count(machine); i++) mix(hash, sgxbench_trace_line(machine, i), strlen(sgxbench_trace_line(machine, i)));
  for (size_t i = 0; i < sgxbench_log_count(machine); i++) mix(hash, sgxbench_log_line(machine, i), strlen(sgxbench_log_line(machine, i)));
  for (size_t i = 0; i < sgxbench_broken_law_count(machine); i++) mix(hash, sgxbench_broken_law(machine, i), strlen(sgxbench_broken_law(machine, i)));
  sgxbench_machine_free(machine);
}

/* Runs a scenario under a fault, and takes in its report as a page. */
static void run_scenario(uint64_t *hash, int kind) {
  static const char scenario[] =
      "local sgx = require 'sgx'\n"
      "it('loads', function()\n"
      "  local process = sgx.machine { epc = '256 KiB' }:process()\n"
      "  local enclave = process:open()\n"
      "  ensure(enclave:create { size = 0x8000 }.errno):is_nil()\n"
      "  local source = process:map { pages = 2 }\n"
      "  expect(enclave:add_pages { source = source, offset = 0, pages = 2, secinfo = { permissions = 'r' } }.errno):is_nil()\n"
      "end)\n";
  sgxbench_result *result;
  sgxbench_runner *runner = sgxbench_runner_create();
  sgxbench_runner_set_driver(runner, drivers[kind]);
  sgxbench_runner_set_stories(runner, true);
  sgxbench_runner_inject(runner, "power@leaf:EEXTEND,nth=20");
  if (sgxbench_run(runner, "load", scenario, strlen(scenario), &result) != SGXBENCH_OK) return;
  sgxbench_result_report(result, SGXBENCH_HTML, write_into, hash);
  sgxbench_result_free(result);
  sgxbench_runner_free(runner);
}

struct work {
  int kind;
  uint64_t hash;
};

static void *do_work(void *context) {
  struct work *work = context;
  work->hash = 0xcbf29ce484222325u;
  for (unsigned round = 0; round < ROUNDS; round++) drive_machine(&work->hash, work->kind, round);
  run_scenario(&work->hash, work->kind);
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  struct work work[THREADS], alone[KINDS];
  for (int kind = 0; kind < KINDS; kind++) alone[kind].kind = kind, do_work(&alone[kind]);
  for (int i = 0; i < THREADS; i++) {
    work[i].kind = i % KINDS;
    if (pthread_create(&threads[i], NULL, do_work, &work[i]) != 0) return 1;
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    if (work[i].hash != alone[work[i].kind].hash) printf("thread %d, driver %s: not as alone\n", i, drivers[work[i].kind]);
  }
  for (int kind = 1; kind < KINDS; kind++) {
    if (alone[kind].hash == alone[kind - 1].hash) printf("%s is like %s\n", drivers[kind], drivers[kind - 1]);
  }
  return 0;
}
