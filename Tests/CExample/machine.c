/* MAP_ANONYMOUS is not of C99. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <sgxbench.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* The structs and numbers of <asm/sgx.h>, which not every system has. */
struct add_pages {
  uint64_t src, offset, length, secinfo, flags, count;
};
#define CREATE 0x4008A400u
#define ADD_PAGES 0xC030A401u
#define INIT 0x4008A402u

static sgxbench_machine *machine;
static int32_t process;

/* Ordinary memory of the process with these bytes in it. */
static uint64_t memory(const void *bytes, size_t length, uint64_t room) {
  sgxbench_answer mapped = sgxbench_mmap(machine, process, 0, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (!sgxbench_memory_write(machine, process, (uint64_t)mapped.value, bytes, length)) printf("no memory\n");
  return (uint64_t)mapped.value;
}

/* A loader's loop: what was added is not added again, and a signal is no reason to give up. */
static int add(int32_t fd, uint64_t source, uint64_t secinfo, uint64_t pages) {
  struct add_pages request = {source, 0, pages * 4096, secinfo, 1, 0};
  while (request.length > 0) {
    sgxbench_answer answer = sgxbench_ioctl(machine, process, fd, ADD_PAGES, &request);
    printf("ADD_PAGES: errno %d, count %llu\n", answer.error, (unsigned long long)request.count);
    if (answer.ending != SGXBENCH_RETURNED || (answer.error != 0 && answer.error != EINTR && answer.error != EAGAIN)) return -1;
    request.src += request.count;
    request.offset += request.count;
    request.length -= request.count;
    request.count = 0;
  }
  return 0;
}

int main(void) {
  const uint64_t secs[] = {0x10000, 0x7e0000000000, 1, 0, 0, 0, 4, 3}, flags[8] = {0x203};
  char message[128];
  unsigned char sigstruct[SGXBENCH_SIGSTRUCT_SIZE];
  if (sgxbench_machine_create(NULL, &machine, message, sizeof message)) return printf("%s\n", message), 1;
  process = sgxbench_process_create(machine, NULL);

  int32_t fd = (int32_t)sgxbench_open(machine, process, "/dev/sgx_enclave").value;
  uint64_t address = memory(secs, sizeof secs, 4096);
  printf("CREATE: errno %d\n", sgxbench_ioctl(machine, process, fd, CREATE, &address).error);

  sgxbench_handle_signal(machine, process, 14, false);
  sgxbench_inject(machine, "SIGALRM@signal_poll,nth=3");
  uint64_t source = memory("code", 4, 4 * 4096), secinfo = memory(flags, sizeof flags, 4096);
  if (add(fd, source, secinfo, 4)) return 1;

  if (!sgxbench_sign(machine, process, fd, sigstruct)) return 1;
  address = memory(sigstruct, sizeof sigstruct, 4096);
  printf("INIT: errno %d\n", sgxbench_ioctl(machine, process, fd, INIT, &address).error);

  uint64_t base = secs[1];
  printf("mmap: %#llx\n", (unsigned long long)sgxbench_mmap(machine, process, base, 0x4000, PROT_READ, MAP_SHARED | MAP_FIXED, fd).value);
  printf("access: %d\n", sgxbench_access(machine, process, base, SGXBENCH_READ));
  sgxbench_power_cycle(machine, "S3");
  sgxbench_close(machine, process, fd);
  sgxbench_munmap(machine, process, base, 0x4000);

  uint64_t total, free, leaked;
  sgxbench_epc(machine, &total, &free, &leaked);
  printf("free %llu of %llu, %zu lines in the log, %zu laws broken\n", (unsigned long long)free, (unsigned long long)total,
      sgxbench_log_count(machine), sgxbench_broken_law_count(machine));
  printf("last: %s\n", sgxbench_trace_line(machine, sgxbench_trace_count(machine) - 1));
  sgxbench_machine_free(machine);
  return 0;
}
