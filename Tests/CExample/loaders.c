/*
 * The retry loops of five real loaders around SGX_IOC_ENCLAVE_ADD_PAGES, each in our words, run against the model under eight faults.
 * Prints the table of Docs/Loaders.md. With the name of a scenario it prints what the last test of that scenario has printed instead:
 * Scripts/regressions/loaders.lua prints the table of the models that process:load has of the same loaders.
 */
/* MAP_ANONYMOUS is not of C99. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <sgxbench.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The structs and numbers of <asm/sgx.h>, which not every system has. */
struct add_pages {
  uint64_t src, offset, length, secinfo, flags, count;
};
#define CREATE 0x4008A400u
#define ADD_PAGES 0xC030A401u
#define INIT 0x4008A402u
#define MEASURE 1

enum { PAGE = 4096, PAGES = 8, SIGALRM_NUMBER = 14, PATIENCE = 64 };

/* A process with an enclave, and what has become of its calls. */
struct loader {
  sgxbench_machine *machine;
  int32_t process, fd;
  /* errno of the last call, and how many in a row have added nothing. */
  int error, idle;
  /* Bytes that ADD_PAGES has reported. */
  uint64_t added;
  /* The loop was ended from outside, because it would not have ended. */
  bool endless;
};

/* ioctl(2): 0, or -1 with the reason in `error`. */
static int do_ioctl(struct loader *loader, uint32_t command, void *argument) {
  sgxbench_answer answer = sgxbench_ioctl(loader->machine, loader->process, loader->fd, command, argument);
  loader->error = answer.error;
  return answer.ending == SGXBENCH_RETURNED && answer.error == 0 ? 0 : -1;
}

static int do_add(struct loader *loader, struct add_pages *request) {
  int result = do_ioctl(loader, ADD_PAGES, request);
  loader->added += request->count;
  loader->idle = request->count > 0 ? 0 : loader->idle + 1;
  if (loader->idle >= PATIENCE) loader->endless = true;
  return result;
}

/* Ordinary memory of the process with these bytes in it. */
static uint64_t memory(struct loader *loader, const void *bytes, size_t length) {
  uint64_t room = (length + PAGE - 1) / PAGE * PAGE;
  sgxbench_answer mapped =
      sgxbench_mmap(loader->machine, loader->process, 0, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (!sgxbench_memory_write(loader->machine, loader->process, (uint64_t)mapped.value, bytes, length)) abort();
  return (uint64_t)mapped.value;
}

/*
 * The loops. Each adds a stretch of pages and answers 0 where it believes that all are in, or the errno it gives up with.
 */
typedef int loop(struct loader *loader, struct add_pages request);

/* Gramine (add_pages_to_enclave): EINTR repeats the call as it was, whatever had been added; a success moves on by `count`. */
static int gramine(struct loader *loader, struct add_pages request) {
  while (request.length > 0 && !loader->endless) {
    request.count = 0;
    if (do_add(loader, &request) < 0) {
      if (loader->error == EINTR) continue;
      return loader->error;
    }
    if (request.count == 0) return EPERM;
    request.src += request.count;
    request.offset += request.count;
    request.length -= request.count;
  }
  return 0;
}

/* Intel's SDK (enclave_load_data): only an error with nothing added ends it, and neither EBUSY nor EAGAIN does. The source stays. */
static int intel(struct loader *loader, struct add_pages request) {
  do {
    request.count = 0;
    if (do_add(loader, &request) < 0 && request.count == 0 && loader->error != EBUSY && loader->error != EAGAIN) return loader->error;
    request.length -= request.count;
    request.offset += request.count;
  } while (request.length != 0 && !loader->endless);
  return 0;
}

/* One page after the other, each by its own call of `each`. */
static int page_by_page(struct loader *loader, struct add_pages request, loop *each) {
  uint64_t end = request.length;
  request.length = PAGE;
  for (uint64_t done = 0; done < end; done += PAGE) {
    int error = each(loader, request);
    if (error != 0 || loader->endless) return error;
    request.src += PAGE;
    request.offset += PAGE;
  }
  return 0;
}

/* The runtime of Intel's SDK calls that for each page by itself, and so does Open Enclave. */
static int intel_by_page(struct loader *loader, struct add_pages request) { return page_by_page(loader, request, intel); }

/* No loop at all: what returns 0 has worked. So Enarx (Builder::load)... */
static int enarx(struct loader *loader, struct add_pages request) { return do_add(loader, &request) < 0 ? loader->error : 0; }

/* ...and the kernel's selftest (encl_ioc_add_pages), which leaves `count` as the stack had it. */
static int selftest(struct loader *loader, struct add_pages request) {
  request.count = 0;
  return do_add(loader, &request) < 0 ? loader->error : 0;
}

/* Fortanix EDP (sgxs-loaders): a page a call, any error is the end, and a short success would be a panic. */
static int edp_page(struct loader *loader, struct add_pages request) {
  if (do_add(loader, &request) < 0) return loader->error;
  if (request.count != request.length) abort();
  return 0;
}
static int edp(struct loader *loader, struct add_pages request) { return page_by_page(loader, request, edp_page); }

static const struct {
  const char *name;
  loop *add;
} loaders[] = {
    {"Gramine", gramine}, {"Intel SDK, in one call", intel}, {"Intel SDK, by page", intel_by_page},
    {"EDP", edp},         {"Enarx", enarx},                  {"selftest", selftest},
};

/* A TCS and eight pages, each filled with its number. */
static void fill(unsigned char image[9 * PAGE]) {
  memset(image, 0, PAGE);
  image[17] = 0x10;            /* OSSA 0x1000 */
  image[28] = 1;               /* NSSA */
  memset(image + 64, 0xff, 8); /* FSLIMIT, GSLIMIT */
  for (int page = 1; page <= PAGES; page++) memset(image + page * PAGE, page, PAGE);
}

static const struct fault {
  const char *name;
  /* In the words of --inject. The TCS is asked for first. */
  const char *words;
  bool restart;
  /* EPC has room for three of the eight pages. */
  bool full;
} faults[] = {
    {"nothing", NULL, false, false},
    {"a signal before page 0, SA_RESTART", "SIGALRM@signal_poll,nth=2", true, false},
    {"a signal before page 0", "SIGALRM@signal_poll,nth=2", false, false},
    {"a signal before page 3, SA_RESTART", "SIGALRM@signal_poll,nth=5", true, false},
    {"a signal before page 3", "SIGALRM@signal_poll,nth=5", false, false},
    {"a signal while room for page 3 is made, SA_RESTART", "SIGALRM@signal_poll,nth=6", true, true},
    {"a signal while room for page 3 is made", "SIGALRM@signal_poll,nth=6", false, true},
    {"a power cycle at page 3", "power@leaf:EADD,nth=5", false, false},
};

static int create(struct loader *loader, uint64_t size, uint64_t base) {
  const uint64_t secs[512] = {size, base, 1, 0, 0, 0, 4, 3};
  uint64_t argument = memory(loader, secs, sizeof secs);
  loader->fd = (int32_t)sgxbench_open(loader->machine, loader->process, "/dev/sgx_enclave").value;
  return do_ioctl(loader, CREATE, &argument);
}

/* A stretch of pages by a loop. */
static int add(struct loader *loader, loop *add_stretch, const void *pages, int count, uint64_t offset, uint64_t flags) {
  const uint64_t secinfo[8] = {flags};
  struct add_pages request = {memory(loader, pages, (size_t)count * PAGE), offset, (uint64_t)count * PAGE, 0, MEASURE, 0};
  request.secinfo = memory(loader, secinfo, sizeof secinfo);
  return add_stretch(loader, request);
}

/* Another enclave takes all of EPC but for SECS, version array, TCS and three pages. */
static void fill_epc(struct loader *loader) {
  static const unsigned char pages[32 * PAGE];
  if (create(loader, 0x40000, 0x7d0000000000) < 0 || add(loader, enarx, pages, 32, 0, 0x203) != 0) abort();
}

/* Loads the image with a loop under a fault, and writes what came of it. The SIGSTRUCT is made where nothing happens. */
static void load(loop *add_stretch, const struct fault *fault, unsigned char *sigstruct, bool signs, char *outcome, size_t room) {
  unsigned char image[9 * PAGE];
  struct loader loader = {0};
  sgxbench_machine_options options = sgxbench_machine_options_default();
  options.epc = 40 * PAGE;
  options.driver = "6.1.192";
  options.ksgxd_manual = true;
  if (sgxbench_machine_create(&options, &loader.machine, outcome, room) != SGXBENCH_OK) return;
  loader.process = sgxbench_process_create(loader.machine, NULL);
  if (fault->full) fill_epc(&loader);
  if (create(&loader, 0x10000, 0x7e0000000000) < 0) abort();
  sgxbench_handle_signal(loader.machine, loader.process, SIGALRM_NUMBER, fault->restart);
  if (fault->words != NULL && sgxbench_inject(loader.machine, fault->words) != SGXBENCH_OK) abort();

  fill(image);
  int error = add(&loader, add_stretch, image, 1, 0, 0x100);
  loader.added = 0;
  if (error == 0) error = add(&loader, add_stretch, image + PAGE, PAGES, PAGE, 0x207);

  if (loader.endless) {
    snprintf(outcome, room, "endless loop");
  } else if (error != 0) {
    snprintf(outcome, room, "fails %s", error == EINTR ? "EINTR" : error == EBUSY ? "EBUSY" : error == EIO ? "EIO" : strerror(error));
  } else {
    if (signs && !sgxbench_sign(loader.machine, loader.process, loader.fd, sigstruct)) abort();
    uint64_t argument = memory(&loader, sigstruct, SGXBENCH_SIGSTRUCT_SIZE);
    bool good = do_ioctl(&loader, INIT, &argument) == 0;
    if (!good && loader.error != EPERM) abort();
    if (good) snprintf(outcome, room, "ok");
    else snprintf(outcome, room, "**wrong MRENCLAVE**, %d of %d pages", (int)(loader.added / PAGE), PAGES);
  }
  sgxbench_machine_free(loader.machine);
}

static int print_table(void) {
  enum { COUNT = sizeof loaders / sizeof *loaders };
  unsigned char sigstruct[SGXBENCH_SIGSTRUCT_SIZE];
  char outcome[80];
  load(gramine, &faults[0], sigstruct, true, outcome, sizeof outcome);
  if (strcmp(outcome, "ok") != 0) return fprintf(stderr, "%s\n", outcome), 1;
  printf("| fault |");
  for (int i = 0; i < COUNT; i++) printf(" %s |", loaders[i].name);
  printf("\n|---|");
  for (int i = 0; i < COUNT; i++) printf("---|");
  printf("\n");
  for (size_t row = 0; row < sizeof faults / sizeof *faults; row++) {
    printf("| %s |", faults[row].name);
    for (int i = 0; i < COUNT; i++) {
      load(loaders[i].add, &faults[row], sigstruct, false, outcome, sizeof outcome);
      printf(" %s |", outcome);
    }
    printf("\n");
  }
  return 0;
}

/* Runs a scenario and prints what its last test has printed. */
static int print_last_test(const char *path) {
  static char source[1 << 16];
  sgxbench_result *result = NULL;
  sgxbench_runner *runner = sgxbench_runner_create();
  FILE *file = fopen(path, "rb");
  size_t length = file == NULL ? 0 : fread(source, 1, sizeof source, file);
  if (file != NULL) fclose(file);
  if (sgxbench_run(runner, path, source, length, &result) != SGXBENCH_OK) return fprintf(stderr, "%s\n", sgxbench_runner_error(runner)), 1;
  size_t count = sgxbench_result_test_count(result);
  const char *output = count == 0 ? NULL : sgxbench_test_output(result, count - 1, &length);
  if (output != NULL) fwrite(output, 1, length, stdout);
  bool passed = sgxbench_result_outcome(result) == SGXBENCH_PASSED;
  if (!passed) fprintf(stderr, "%s: outcome %d\n", path, sgxbench_result_outcome(result));
  sgxbench_result_free(result);
  sgxbench_runner_free(runner);
  return passed ? 0 : 1;
}

int main(int argc, char **argv) { return argc == 2 ? print_last_test(argv[1]) : print_table(); }
