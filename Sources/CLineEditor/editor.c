// The terminal: opening it, reading a line, the Tab key.
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

static volatile sig_atomic_t interrupted, reading;
static void (*interrupt_handler)(void *);
static void *interrupt_context;

static char *prompt(EditLine *el) {
  line_editor *editor;
  el_get(el, EL_CLIENTDATA, &editor);
  return (char *)editor->prompt;
}

static unsigned char complete(EditLine *el, int key) {
  (void)key;
  line_editor *editor;
  el_get(el, EL_CLIENTDATA, &editor);
  const LineInfo *line = el_line(el);
  editor->listed = false;
  editor->complete(editor->context, editor, line->buffer, (size_t)(line->lastchar - line->buffer),
                   (size_t)(line->cursor - line->buffer));
  return editor->listed ? CC_REDISPLAY : CC_REFRESH;
}

line_editor *line_editor_open(const char *program, line_editor_complete on_complete, void *context) {
  // Letters beyond ASCII are refused by the library in the C locale. Only the kind of characters is asked for: numbers and
  // messages stay as they are everywhere.
  if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) setlocale(LC_CTYPE, "");
  line_editor *editor = calloc(1, sizeof *editor);
  if (editor == NULL) return NULL;
  editor->complete = on_complete;
  editor->context = context;
  editor->prompt = "";
  editor->edit = el_init(program, stdin, stdout, stderr);
  editor->history = history_init();
  if (editor->edit == NULL || editor->history == NULL) {
    line_editor_close(editor);
    return NULL;
  }
  HistEvent event;
  history(editor->history, &event, H_SETSIZE, HISTORY_LINES_MAX);
  history(editor->history, &event, H_SETUNIQUE, 1);
  EditLine *el = editor->edit;
  el_set(el, EL_CLIENTDATA, editor);
  el_set(el, EL_SIGNAL, 0);  // the library's handlers pass signals on to the whole process group
  el_set(el, EL_PROMPT, prompt);
  el_set(el, EL_EDITOR, "emacs");
  el_set(el, EL_HIST, history, editor->history);
  el_set(el, EL_ADDFN, "sgxbench-complete", "Complete", complete);
  el_set(el, EL_BIND, "^I", "sgxbench-complete", NULL);
  el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_source(el, NULL);       // ~/.editrc: the user's own keys win
  return editor;
}

void line_editor_close(line_editor *editor) {
  if (editor->history != NULL) history_end(editor->history);
  if (editor->edit != NULL) el_end(editor->edit);
  free(editor);
}

line_editor_outcome line_editor_read(line_editor *editor, const char *text, const char **line, size_t *length) {
  editor->prompt = text;
  interrupted = 0;
  for (;;) {
    int count = 0;
    errno = 0;
    el_resize(editor->edit);
    reading = 1;
    const char *read = el_gets(editor->edit, &count);
    reading = 0;
    if (read != NULL && count > 0) {
      *line = read;
      *length = (size_t)count;
      while (*length > 0 && (read[*length - 1] == '\n' || read[*length - 1] == '\r')) --*length;
      return LINE_EDITOR_LINE;
    }
    if (errno != EINTR) return LINE_EDITOR_END;
    if (interrupted) {
      el_reset(editor->edit);
      fputc('\n', stdout);
      fflush(stdout);
      return LINE_EDITOR_INTERRUPTED;
    }
    // The window has another size, or the program was stopped and goes on: the line is begun anew with what was typed.
    const LineInfo *typed = el_line(editor->edit);
    char *copy = strndup(typed->buffer, (size_t)(typed->lastchar - typed->buffer));
    el_reset(editor->edit);
    fputs("\r\033[K", stdout);
    if (copy != NULL) el_push(editor->edit, copy);
    free(copy);
  }
}

void line_editor_insert(line_editor *editor, const char *text) { el_insertstr(editor->edit, text); }

void line_editor_list(line_editor *editor, const char *text) {
  fprintf(stdout, "\n%s\n", text);
  fflush(stdout);
  editor->listed = true;
}

static void note_interrupt(int signal) {
  (void)signal;
  const int kept = errno;
  interrupted = 1;
  // The terminal has shown "^C"; what is said next begins a line. A read does that itself.
  if (!reading) (void)!write(STDOUT_FILENO, "\n", 1);
  if (interrupt_handler != NULL) interrupt_handler(interrupt_context);
  errno = kept;
}

static void note_change(int signal) { (void)signal; }

void line_editor_catch_interrupts(void (*handler)(void *), void *context) {
  interrupt_handler = handler;
  interrupt_context = context;
  // Without SA_RESTART, so that a read ends.
  struct sigaction interrupt = { .sa_handler = note_interrupt }, change = { .sa_handler = note_change };
  sigaction(SIGINT, &interrupt, NULL);
  sigaction(SIGWINCH, &change, NULL);
  sigaction(SIGCONT, &change, NULL);
}

void line_editor_block_signals(bool block) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGWINCH);
  sigaddset(&set, SIGCONT);
  pthread_sigmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}
