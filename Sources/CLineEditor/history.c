// The history: in memory, and in a file that is replaced whole, so that a session that ends meanwhile leaves no half of it.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

void line_editor_remember(line_editor *editor, const char *line) {
  HistEvent event;
  if (line[strspn(line, " \t")] != 0) history(editor->history, &event, H_ENTER, line);
}

void line_editor_load_history(line_editor *editor, const char *path) {
  HistEvent event;
  history(editor->history, &event, H_LOAD, path);
}

bool line_editor_save_history(line_editor *editor, const char *path) {
  char fresh[4096];
  const int length = snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
  if (length < 0 || (size_t)length >= sizeof fresh) return false;
  const int descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  FILE *file = fdopen(descriptor, "w");
  if (file == NULL) {
    close(descriptor);
    unlink(fresh);
    return false;
  }
  HistEvent event;
  bool good = history(editor->history, &event, H_SAVE_FP, file) >= 0;
  good = fclose(file) == 0 && good;
  if (good) good = rename(fresh, path) == 0;
  if (!good) unlink(fresh);
  return good;
}
