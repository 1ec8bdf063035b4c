/* Runs a scenario, with stories and the faults behind it on the command line, and writes its report in every format into a folder. */
#include <sgxbench.h>
#include <stdio.h>
#include <string.h>

static void write_file(void *context, const char *bytes, size_t length) { fwrite(bytes, 1, length, context); }

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    sgxbench_format format;
  } formats[] = {
      {"pretty", SGXBENCH_TEXT}, {"json", SGXBENCH_JSON},   {"tap", SGXBENCH_TAP},
      {"ktap", SGXBENCH_KTAP},   {"junit", SGXBENCH_JUNIT}, {"html", SGXBENCH_HTML},
  };
  static char source[1 << 16];
  char path[512];
  sgxbench_result *result;
  if (argc < 3) return 64;
  FILE *script = fopen(argv[1], "rb");
  if (script == NULL) return 66;
  size_t length = fread(source, 1, sizeof source, script);
  fclose(script);

  sgxbench_runner *runner = sgxbench_runner_create();
  sgxbench_runner_set_stories(runner, true);
  for (int i = 3; i < argc; i++) {
    if (sgxbench_runner_inject(runner, argv[i]) != SGXBENCH_OK) return fprintf(stderr, "%s\n", sgxbench_runner_error(runner)), 64;
  }
  if (sgxbench_run(runner, argv[1], source, length, &result) != SGXBENCH_OK) return fprintf(stderr, "%s\n", sgxbench_runner_error(runner)), 1;
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    snprintf(path, sizeof path, "%s/%s", argv[2], formats[i].name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) return 73;
    sgxbench_result_report(result, formats[i].format, write_file, file);
    fclose(file);
  }
  int outcome = (int)sgxbench_result_outcome(result);
  sgxbench_result_free(result);
  sgxbench_runner_free(runner);
  return outcome;
}
