/* What a machine says of what has happened to it. Prints a line for each answer that is not the one said. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <sgxbench.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define EXPECT(condition) \
  do { \
    if (!(condition)) printf("line %d: %s\n", __LINE__, #condition); \
  } while (0)
#define CREATE 0x4008A400u
#define ADD_PAGES 0xC030A401u
#define INIT 0x4008A402u

struct bench {
  sgxbench_machine *machine;
  int32_t process, fd;
  uint64_t memory, add[6];
};

/* A machine with an enclave that is created, and what an ADD_PAGES of two pages needs. */
static struct bench created(void) {
  const uint64_t secs[512] = {0x10000, 0x7e0000000000, 1, 0, 0, 0, 4, 3}, secinfo[8] = {0x203};
  struct bench bench = {0};
  EXPECT(sgxbench_machine_create(NULL, &bench.machine, NULL, 0) == SGXBENCH_OK);
  bench.process = sgxbench_process_create(bench.machine, NULL);
  bench.fd = (int32_t)sgxbench_open(bench.machine, bench.process, "/dev/sgx_enclave").value;
  bench.memory = (uint64_t)sgxbench_mmap(
      bench.machine, bench.process, 0, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1).value;
  EXPECT(sgxbench_memory_write(bench.machine, bench.process, bench.memory, secs, sizeof secs));
  EXPECT(sgxbench_memory_write(bench.machine, bench.process, bench.memory + 0x1000, secinfo, sizeof secinfo));
  uint64_t argument = bench.memory;
  EXPECT(sgxbench_ioctl(bench.machine, bench.process, bench.fd, CREATE, &argument).value == 0);
  bench.add[0] = bench.memory + 0x2000, bench.add[2] = 2 * 4096, bench.add[3] = bench.memory + 0x1000, bench.add[4] = 1;
  return bench;
}

static sgxbench_answer add(struct bench *bench) { return sgxbench_ioctl(bench->machine, bench->process, bench->fd, ADD_PAGES, bench->add); }

static bool has_line(sgxbench_machine *machine, const char *(*line)(sgxbench_machine *, size_t), size_t count, const char *part) {
  for (size_t i = 0; i < count; i++) {
    if (strstr(line(machine, i), part) != NULL) return true;
  }
  return false;
}

/* Power is lost between EADD and EEXTEND: the driver leaks the SECS, warns, and breaks laws. */
static void power_is_lost(void) {
  struct bench bench = created();
  uint64_t total, free, leaked;
  EXPECT(sgxbench_inject(bench.machine, "power@leaf:EEXTEND") == SGXBENCH_OK);
  EXPECT(add(&bench).error == EIO && bench.add[5] == 0);
  EXPECT(sgxbench_close(bench.machine, bench.process, bench.fd).value == 0);
  sgxbench_epc(bench.machine, &total, &free, &leaked);
  EXPECT(total == 4096 && free == 4095 && leaked == 1);
  EXPECT(has_line(bench.machine, sgxbench_log_line, sgxbench_log_count(bench.machine), "secs_child_cnt is 1"));
  EXPECT(has_line(bench.machine, sgxbench_broken_law, sgxbench_broken_law_count(bench.machine), "child-count: "));
  EXPECT(has_line(bench.machine, sgxbench_trace_line, sgxbench_trace_count(bench.machine), "add_pages"));
  EXPECT(sgxbench_machine_finding(bench.machine) == NULL);
  sgxbench_machine_free(bench.machine);
}

/* The same from outside, between two calls: the enclave is lost without an injection, and no law is broken by that. */
static void power_cycle(void) {
  struct bench bench = created();
  EXPECT(add(&bench).error == 0 && bench.add[5] == 2 * 4096);
  EXPECT(sgxbench_power_cycle(bench.machine, "S4") == SGXBENCH_OK);
  bench.add[1] = 2 * 4096;
  EXPECT(add(&bench).error == EIO);
  EXPECT(sgxbench_broken_law_count(bench.machine) == 0);
  sgxbench_machine_free(bench.machine);
}

/* A signal that never ends has the call restarted without end: the run stops, and says why. */
static void without_end(void) {
  struct bench bench = created();
  EXPECT(sgxbench_handle_signal(bench.machine, bench.process, 14, true) == SGXBENCH_OK);
  EXPECT(sgxbench_inject(bench.machine, "SIGALRM@signal_poll,persistent") == SGXBENCH_OK);
  EXPECT(add(&bench).ending == SGXBENCH_RUN_STOPPED);
  EXPECT(sgxbench_machine_finding(bench.machine) != NULL && strlen(sgxbench_machine_finding(bench.machine)) > 0);
  EXPECT(add(&bench).ending == SGXBENCH_RUN_STOPPED);
  sgxbench_machine_free(bench.machine);
}

/* A signal without a handler ends the process, which makes no call any more; faults that were taken back strike nobody. */
static void killed(void) {
  struct bench bench = created();
  EXPECT(sgxbench_inject(bench.machine, "SIGALRM@signal_poll") == SGXBENCH_OK && sgxbench_cancel_faults(bench.machine) == SGXBENCH_OK);
  EXPECT(add(&bench).ending == SGXBENCH_RETURNED);
  EXPECT(sgxbench_inject(bench.machine, "SIGALRM@signal_poll") == SGXBENCH_OK);
  bench.add[1] = 2 * 4096;
  sgxbench_answer answer = add(&bench);
  EXPECT(answer.ending == SGXBENCH_KILLED && answer.signal == 14 && answer.value == -1);
  EXPECT(add(&bench).ending == SGXBENCH_NO_CALL && strlen(sgxbench_machine_error(bench.machine)) > 0);
  sgxbench_machine_free(bench.machine);
}

/* Mapping, protection and access, and the memory of the process. */
static void mapped(void) {
  struct bench bench = created();
  unsigned char bytes[4] = {0}, sigstruct[SGXBENCH_SIGSTRUCT_SIZE];
  EXPECT(add(&bench).error == 0);
  EXPECT(sgxbench_sign(bench.machine, bench.process, bench.fd, sigstruct));
  EXPECT(sgxbench_memory_write(bench.machine, bench.process, bench.memory, sigstruct, sizeof sigstruct));
  uint64_t argument = bench.memory, base = 0x7e0000000000;
  EXPECT(sgxbench_ioctl(bench.machine, bench.process, bench.fd, INIT, &argument).value == 0);
  EXPECT(sgxbench_mmap(bench.machine, bench.process, base, 0x2000, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, bench.fd).error == EACCES);
  EXPECT(sgxbench_mmap(bench.machine, bench.process, base, 0x2000, PROT_READ, MAP_SHARED | MAP_FIXED, bench.fd).value == (int64_t)base);
  EXPECT(sgxbench_access(bench.machine, bench.process, base, SGXBENCH_READ) == SGXBENCH_ACCESS_OK);
  EXPECT(sgxbench_access(bench.machine, bench.process, base, SGXBENCH_WRITE) == SGXBENCH_ACCESS_SIGSEGV);
  EXPECT(sgxbench_mprotect(bench.machine, bench.process, base, 0x1000, PROT_READ | PROT_WRITE).value == 0);
  EXPECT(sgxbench_mprotect(bench.machine, bench.process, base, 0x1000, PROT_EXEC).error == EACCES);
  EXPECT(sgxbench_access(bench.machine, bench.process, base, SGXBENCH_WRITE) == SGXBENCH_ACCESS_OK);
  EXPECT(sgxbench_munmap(bench.machine, bench.process, base, 0x1000).value == 0);
  EXPECT(sgxbench_access(bench.machine, bench.process, base, SGXBENCH_READ) == SGXBENCH_ACCESS_SIGSEGV);
  EXPECT(sgxbench_memory_read(bench.machine, bench.process, bench.memory + 0x1000, bytes, sizeof bytes) && bytes[0] == 3 && bytes[1] == 2);
  EXPECT(!sgxbench_memory_read(bench.machine, bench.process, 0x1000, bytes, sizeof bytes));
  sgxbench_machine_free(bench.machine);
}

/* Of a command that there is not nothing is read, whatever size its word has. */
static void another_command(void) {
  struct bench bench = created();
  unsigned char byte = 0;
  EXPECT(sgxbench_ioctl(bench.machine, bench.process, bench.fd, 0xFFFFA400u, &byte).error == ENOTTY);
  sgxbench_machine_free(bench.machine);
}

int main(void) {
  power_is_lost();
  power_cycle();
  without_end();
  killed();
  mapped();
  another_command();
  return 0;
}
