/* What a program can do wrong with the header, and what it is told. Prints a line for each answer that is not the one said. */
#include <sgxbench.h>
#include <stdio.h>
#include <string.h>

#define EXPECT(condition) \
  do { \
    if (!(condition)) printf("line %d: %s\n", __LINE__, #condition); \
  } while (0)

static bool nothing(void *context, sgxbench_call *call) {
  (void)context, (void)call;
  return true;
}

/* Wants a number, says nothing where there is none. */
static bool number(void *context, sgxbench_call *call) {
  double value;
  bool truth;
  (void)context;
  if (sgxbench_call_argument_count(call) == 2) return false;
  if (!sgxbench_call_number(call, 1, &value)) return false;
  EXPECT(!sgxbench_call_boolean(call, 1, &truth));
  EXPECT(!sgxbench_call_integer(call, 0, NULL));
  sgxbench_call_push_nil(call);
  sgxbench_call_push_boolean(call, true);
  sgxbench_call_push_number(call, value * 2);
  sgxbench_call_push_string(call, "a\0b", 3);
  return true;
}

static sgxbench_result *run(sgxbench_runner *runner, const char *body) {
  char source[512];
  sgxbench_result *result;
  snprintf(source, sizeof source, "local c = require 'c'\nit('a test', function()\n%s\nend)\n", body);
  EXPECT(sgxbench_run(runner, "a.lua", source, strlen(source), &result) == SGXBENCH_OK);
  return result;
}

static void expect_failure(sgxbench_runner *runner, const char *body, const char *message) {
  sgxbench_result *result = run(runner, body);
  EXPECT(sgxbench_test_failure_count(result, 0) == 1);
  if (strcmp(sgxbench_failure_message(result, 0, 0), message) != 0) printf("%s\n", sgxbench_failure_message(result, 0, 0));
  sgxbench_result_free(result);
}

/* Counts what is written. */
static void note(void *context, const char *bytes, size_t length) {
  size_t *count = context;
  *count += length;
  EXPECT(bytes[length - 1] == '\n');
}

static void stopped(sgxbench_runner *runner) {
  size_t count = 0;
  sgxbench_result *result;
  sgxbench_stop *stop = sgxbench_stop_create();
  EXPECT(sgxbench_runner_set_stop(runner, stop) == SGXBENCH_OK);
  sgxbench_stop_request(stop, "enough");
  sgxbench_stop_request(stop, "too late");
  sgxbench_stop_free(stop);
  result = run(runner, "while true do end");
  EXPECT(sgxbench_result_outcome(result) == SGXBENCH_STOPPED && strcmp(sgxbench_result_stopped(result), "enough") == 0);
  EXPECT(sgxbench_result_test_count(result) == 0 && sgxbench_result_error(result) == NULL);
  EXPECT(sgxbench_result_report(result, SGXBENCH_JSON, note, &count) == SGXBENCH_OK && count > 100);
  EXPECT(sgxbench_result_report(result, (sgxbench_format)9, note, &count) == SGXBENCH_INVALID);
  sgxbench_result_free(result);
  EXPECT(sgxbench_runner_set_stop(runner, NULL) == SGXBENCH_OK);
}

/* -1 as a size, and more than any machine has. */
static void lengths(void) {
  char byte = 0;
  sgxbench_result *result;
  sgxbench_machine *machine = NULL;
  sgxbench_runner *runner = sgxbench_runner_create();
  EXPECT(sgxbench_run(runner, "a.lua", "x", SIZE_MAX, &result) == SGXBENCH_INVALID && result == NULL);
  EXPECT(sgxbench_runner_set_module(runner, "m", "x", SIZE_MAX) == SGXBENCH_INVALID);
  sgxbench_runner_free(runner);
  EXPECT(sgxbench_machine_create(NULL, &machine, NULL, 0) == SGXBENCH_OK && sgxbench_process_create(machine, 0) == 0);
  EXPECT(!sgxbench_memory_read(machine, 0, 0, &byte, (size_t)1 << 46));
  EXPECT(!sgxbench_memory_read(machine, 0, 0, &byte, SIZE_MAX));
  EXPECT(!sgxbench_memory_write(machine, 0, 0, &byte, SIZE_MAX));
  sgxbench_machine_free(machine);
}

static void without_objects(void) {
  sgxbench_result *result = (sgxbench_result *)&result;
  size_t length = 1;
  sgxbench_runner_free(NULL);
  sgxbench_result_free(NULL);
  sgxbench_stop_free(NULL);
  sgxbench_stop_request(NULL, "nothing");
  EXPECT(sgxbench_runner_error(NULL) == NULL);
  lengths();
  EXPECT(sgxbench_runner_set_driver(NULL, "6.1") == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_seed(NULL, 1) == SGXBENCH_INVALID);
  EXPECT(sgxbench_run(NULL, "a", "", 0, &result) == SGXBENCH_INVALID && result == NULL);
  EXPECT(sgxbench_result_outcome(NULL) == SGXBENCH_ERROR);
  EXPECT(sgxbench_result_error(NULL) == NULL && sgxbench_result_test_count(NULL) == 0);
  EXPECT(sgxbench_test_output(NULL, 0, &length) == NULL && length == 0);
  EXPECT(sgxbench_result_report(NULL, SGXBENCH_TEXT, NULL, NULL) == SGXBENCH_INVALID);
}

static void settings(sgxbench_runner *runner) {
  EXPECT(strcmp(sgxbench_runner_error(runner), "") == 0);
  EXPECT(sgxbench_runner_set_driver(runner, "nonsense") == SGXBENCH_NAME && strlen(sgxbench_runner_error(runner)) > 0);
  EXPECT(sgxbench_runner_set_driver(runner, NULL) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_driver(runner, "\xff") == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_limits(runner, 0, 1, 1, 1) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_limits(runner, 1, 1, INT64_MAX, 1) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_module(runner, "sgx", "", 0) == SGXBENCH_NAME);
  EXPECT(sgxbench_runner_set_module(runner, "a", NULL, 1) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_module(runner, "lib.a", "return 1", 8) == SGXBENCH_OK);
  EXPECT(sgxbench_runner_set_module(runner, "lib.a", "return 2", 8) == SGXBENCH_OK);
  EXPECT(sgxbench_runner_set_image(runner, "app", NULL, NULL) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_inject(runner, NULL) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_inject(runner, "power@nowhere") == SGXBENCH_NAME && strlen(sgxbench_runner_error(runner)) > 0);
  EXPECT(sgxbench_runner_inject(runner, "power@leaf:EADD") == SGXBENCH_OK && sgxbench_runner_cancel_faults(runner) == SGXBENCH_OK);
  EXPECT(sgxbench_runner_set_option(runner, "pages", NULL) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_stories(runner, true) == SGXBENCH_OK && sgxbench_runner_set_stories(runner, false) == SGXBENCH_OK);
  EXPECT(sgxbench_runner_set_function(runner, "c", "go", NULL, NULL) == SGXBENCH_INVALID);
  EXPECT(sgxbench_runner_set_function(runner, "c", "end", nothing, NULL) == SGXBENCH_NAME);
  EXPECT(sgxbench_runner_set_function(runner, "c", "nothing", nothing, NULL) == SGXBENCH_OK);
  EXPECT(sgxbench_runner_set_function(runner, "c", "nothing", nothing, NULL) == SGXBENCH_NAME);
  EXPECT(sgxbench_runner_set_function(runner, "c", "number", number, NULL) == SGXBENCH_OK);
  EXPECT(strcmp(sgxbench_runner_error(runner), "") == 0);
  EXPECT(sgxbench_runner_set_observer(runner, NULL, NULL) == SGXBENCH_OK);
  EXPECT(sgxbench_run(runner, NULL, "", 0, NULL) == SGXBENCH_INVALID);
}

static void expect_no_machine(const sgxbench_machine_options *options, sgxbench_status status) {
  char message[64];
  sgxbench_machine *machine = (sgxbench_machine *)&message;
  EXPECT(sgxbench_machine_create(options, &machine, message, sizeof message) == status);
  EXPECT(machine == NULL && strlen(message) > 0 && strlen(message) < sizeof message);
}

static void machines_that_cannot_be(void) {
  static const uint64_t nothing[2] = {0, 0}, odd[1] = {1}, two[2] = {1 << 20, 1 << 20};
  const sgxbench_machine_options good = sgxbench_machine_options_default();
  sgxbench_machine_options options = good;
  EXPECT(sgxbench_machine_create(&good, NULL, NULL, 0) == SGXBENCH_INVALID);
  options.size--, expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.epc = 4095, expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.epc = 0, expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.epc = UINT64_MAX - 4095, expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.node_count = 2, expect_no_machine(&options, SGXBENCH_INVALID);
  options.node_epc = nothing, expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.node_count = 1, options.node_epc = odd, expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.driver = "6", expect_no_machine(&options, SGXBENCH_NAME), options = good;
  options.driver = "\xff", expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.processor = "z80", expect_no_machine(&options, SGXBENCH_NAME), options = good;
  options.enclave.mode = 01000, expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.provision.group = "\xff", expect_no_machine(&options, SGXBENCH_INVALID), options = good;
  options.check = (sgxbench_check)9, expect_no_machine(&options, SGXBENCH_INVALID), options = good;

  sgxbench_machine *machine;
  uint64_t total, free, leaked;
  options.node_epc = two, options.node_count = 2, options.check = SGXBENCH_CHECK_EVERY_STEP, options.whole_trace = true;
  EXPECT(sgxbench_machine_create(&options, &machine, NULL, 0) == SGXBENCH_OK);
  sgxbench_epc(machine, &total, &free, &leaked);
  EXPECT(total == 512 && free == 512 && leaked == 0);
  sgxbench_machine_free(machine);
}

/* What Linux asks around the driver, set up from C. */
static void devices_and_processes(void) {
  static const char *const nobody[1] = {"nobody"}, *const owners[1] = {"owners"}, *const bad[1] = {NULL};
  sgxbench_machine_options options = sgxbench_machine_options_default();
  sgxbench_process_options who = sgxbench_process_options_default();
  sgxbench_machine *machine;
  EXPECT(who.user == 1000 && who.group_count == 2 && strcmp(who.groups[0], "sgx") == 0 && who.nofile == 1024);
  options.enclave.mode = 0640, options.enclave.group = "owners", options.enclave.user = 7;
  EXPECT(sgxbench_machine_create(&options, &machine, NULL, 0) == SGXBENCH_OK);

  who.size = 0;
  EXPECT(sgxbench_process_create(machine, &who) == -1 && strlen(sgxbench_machine_error(machine)) > 0);
  who = sgxbench_process_options_default();
  who.node = 1;
  EXPECT(sgxbench_process_create(machine, &who) == -1);
  who = sgxbench_process_options_default();
  who.groups = bad, who.group_count = 1;
  EXPECT(sgxbench_process_create(machine, &who) == -1);
  who.groups = NULL;
  EXPECT(sgxbench_process_create(machine, &who) == -1);
  EXPECT(sgxbench_process_create(NULL, NULL) == -1);

  who.groups = nobody;
  int32_t process = sgxbench_process_create(machine, &who);
  EXPECT(process >= 0 && strcmp(sgxbench_machine_error(machine), "") == 0);
  EXPECT(sgxbench_open(machine, process, "/dev/sgx_enclave").error == 13);
  who.groups = owners;
  EXPECT(sgxbench_open(machine, sgxbench_process_create(machine, &who), "/dev/sgx_enclave").error == 13);
  who.user = 7, who.nofile = 4;
  process = sgxbench_process_create(machine, &who);
  EXPECT(sgxbench_open(machine, process, "/dev/sgx_enclave").value == 3);
  EXPECT(sgxbench_open(machine, process, "/dev/sgx_enclave").error == 24);
  EXPECT(sgxbench_open(machine, process, "/dev/null").error == 2);
  EXPECT(sgxbench_open(machine, process, NULL).ending == SGXBENCH_NO_CALL);
  EXPECT(sgxbench_open(machine, 99, "/dev/sgx_enclave").ending == SGXBENCH_NO_CALL);
  EXPECT(sgxbench_ioctl(machine, process, 3, 0, NULL).error == 25);
  EXPECT(sgxbench_ioctl(machine, process, 3, 0x4008A400u, NULL).error == 14);
  EXPECT(sgxbench_inject(machine, "nothing") == SGXBENCH_NAME && sgxbench_inject(machine, NULL) == SGXBENCH_INVALID);
  EXPECT(sgxbench_power_cycle(machine, "S9") == SGXBENCH_NAME && sgxbench_cancel_faults(machine) == SGXBENCH_OK);
  EXPECT(sgxbench_handle_signal(machine, process, 65, true) == SGXBENCH_INVALID);
  EXPECT(!sgxbench_memory_write(machine, process, 0x1000, "a", 1) && !sgxbench_sign(machine, process, 3, NULL));
  EXPECT(sgxbench_trace_count(machine) > 0 && sgxbench_trace_line(machine, sgxbench_trace_count(machine)) == NULL);
  EXPECT(sgxbench_log_line(machine, 0) == NULL && sgxbench_broken_law(machine, 0) == NULL && sgxbench_machine_finding(machine) == NULL);
  sgxbench_machine_free(machine);
}

int main(void) {
  sgxbench_runner *runner = sgxbench_runner_create();
  sgxbench_result *result;
  without_objects();
  machines_that_cannot_be();
  devices_and_processes();
  settings(runner);

  result = run(runner, "local a, b, n, s = c.number(2)\nexpect(a):is_nil() expect(b):equals(true) expect(n):equals(4.0)\n"
      "expect(s):equals('a\\0b') expect(select('#', c.nothing())):equals(0) expect(require 'lib.a'):equals(2)");
  EXPECT(sgxbench_result_outcome(result) == SGXBENCH_PASSED && sgxbench_test_outcome(result, 0) == SGXBENCH_PASSED);
  EXPECT(sgxbench_test_checks(result, 0) == 6);
  EXPECT(sgxbench_result_error(result) == NULL && sgxbench_result_test_count(result) == 1);
  EXPECT(sgxbench_test_outcome(result, 1) == SGXBENCH_ERROR && sgxbench_test_name(result, 1) == NULL);
  EXPECT(sgxbench_failure_message(result, 0, 0) == NULL && sgxbench_failure_line(result, 0, (size_t)-1) == 0);
  /* A result outlives its runner. */
  sgxbench_runner_free(runner);
  EXPECT(strcmp(sgxbench_test_name(result, 0), "a test") == 0);
  sgxbench_result_free(result);

  runner = sgxbench_runner_create();
  EXPECT(sgxbench_runner_set_function(runner, "c", "number", number, NULL) == SGXBENCH_OK);
  stopped(runner);
  expect_failure(runner, "c.number('a')", "c.number: argument 1 must be a number, got string \"a\"");
  expect_failure(runner, "c.number(1, 2)", "c.number: failed and did not say why");
  EXPECT(sgxbench_runner_set_image(runner, "app", "missing.sgxs", NULL) == SGXBENCH_OK);
  result = run(runner, "require('sgx').image('app')");
  EXPECT(strstr(sgxbench_failure_message(result, 0, 0), "missing.sgxs") != NULL);
  sgxbench_result_free(result);
  EXPECT(sgxbench_run(runner, "a.lua", "not Lua", 7, &result) == SGXBENCH_OK);
  EXPECT(sgxbench_result_outcome(result) == SGXBENCH_ERROR && strstr(sgxbench_result_error(result), "a.lua:1: ") != NULL);
  sgxbench_result_free(result);
  sgxbench_runner_free(runner);
  return 0;
}
