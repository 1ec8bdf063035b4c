#include <sgxbench.h>
#include <stdio.h>
#include <string.h>

static const char scenario[] =
    "local sgx = require 'sgx'\n"
    "local program = require 'program'\n"
    "describe('an enclave', function()\n"
    "  it('takes a page for its SECS', function()\n"
    "    local machine = sgx.machine { epc = '256 KiB' }\n"
    "    ensure(machine:process():open():create { size = program.size_of('app') }.errno):is_nil()\n"
    "    print('used', program.pages_used(machine))\n"
    "    expect(machine.epc.free):equals(machine.epc.total)\n"
    "  end)\n"
    "  it('is one the program knows', function()\n"
    "    program.size_of('other')\n"
    "  end)\n"
    "end)\n";

/* program.size_of(name) */
static bool size_of(void *context, sgxbench_call *call) {
  const char *name;
  size_t length;
  if (!sgxbench_call_string(call, 1, &name, &length)) return false;
  if (strcmp(name, "app") != 0) {
    sgxbench_call_fail(call, "no enclave has that name");
    return false;
  }
  sgxbench_call_push_integer(call, *(int64_t *)context);
  return true;
}

/* program.pages_used(machine) */
static bool pages_used(void *context, sgxbench_call *call) {
  uint64_t total, free;
  (void)context;
  if (!sgxbench_call_machine_pages(call, 1, &total, &free)) return false;
  sgxbench_call_push_integer(call, (int64_t)(total - free));
  return true;
}

static void report_test(void *context, const sgxbench_result *result) {
  size_t length, count = sgxbench_test_failure_count(result, 0);
  const char *output = sgxbench_test_output(result, 0, &length);
  (void)context;
  printf("%s %s\n", sgxbench_test_outcome(result, 0) == SGXBENCH_PASSED ? "pass" : "fail", sgxbench_test_name(result, 0));
  fwrite(output, 1, length, stdout);
  for (size_t i = 0; i < count; i++) {
    printf("     %s:%lld: %s\n", sgxbench_failure_file(result, 0, i), (long long)sgxbench_failure_line(result, 0, i),
        sgxbench_failure_message(result, 0, i));
  }
}

static void write_text(void *context, const char *bytes, size_t length) { fwrite(bytes, 1, length, context); }

int main(void) {
  int64_t size = 0x8000;
  sgxbench_result *result;
  sgxbench_runner *runner = sgxbench_runner_create();
  if (sgxbench_interface() != SGXBENCH_INTERFACE) return 1;
  if (sgxbench_runner_set_driver(runner, "6.1") || sgxbench_runner_set_seed(runner, 7) ||
      sgxbench_runner_set_limits(runner, 1000000, 8 << 20, 64 << 10, 4 << 10) ||
      sgxbench_runner_set_function(runner, "program", "size_of", size_of, &size) ||
      sgxbench_runner_set_function(runner, "program", "pages_used", pages_used, NULL) ||
      sgxbench_runner_set_observer(runner, report_test, NULL) ||
      sgxbench_run(runner, "scenario", scenario, strlen(scenario), &result)) {
    fprintf(stderr, "%s\n", sgxbench_runner_error(runner));
    sgxbench_runner_free(runner);
    return 1;
  }
  printf("%zu tests, outcome %d\n", sgxbench_result_test_count(result), sgxbench_result_outcome(result));
  sgxbench_result_report(result, SGXBENCH_TEXT, write_text, stderr);
  sgxbench_result_free(result);
  sgxbench_runner_free(runner);
  return 0;
}
