// The terminal: opening it, reading a line, the Tab key.
#define _GNU_SOURCE   // ppoll
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
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

// One character. Signals come through while it waits and at no other moment of a read: a read that began just behind a signal would
// wait for the next key.
static int read_character(EditLine *el, wchar_t *character) {
  line_editor *editor;
  el_get(el, EL_CLIENTDATA, &editor);
  char bytes[MB_LEN_MAX];
  for (size_t count = 1; count <= sizeof bytes; count++) {
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    if (ppoll(&input, 1, NULL, &editor->open_signals) < 0) return -1;
    const ssize_t read_now = read(STDIN_FILENO, &bytes[count - 1], 1);
    if (read_now <= 0) return (int)read_now;
    mbstate_t state = { 0 };
    const size_t length = mbrtowc(character, bytes, count, &state);
    if (length == (size_t)-2) continue;   // there is more of it
    if (length == (size_t)-1) break;
    return 1;
  }
  *character = L'?';
  return 1;
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
  el_set(el, EL_GETCFN, read_character);
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

static line_editor_outcome read_line(line_editor *editor, const char **line, size_t *length) {
  interrupted = 0;
  for (;;) {
    int count = 0;
    errno = 0;
    el_resize(editor->edit);
    // Ahead of the prompt, which invites keys that the terminal would take for itself: Ctrl-D.
    el_set(editor->edit, EL_PREP_TERM, 1);
    const char *read = el_gets(editor->edit, &count);
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

line_editor_outcome line_editor_read(line_editor *editor, const char *text, const char **line, size_t *length) {
  editor->prompt = text;
  pthread_sigmask(SIG_SETMASK, NULL, &editor->open_signals);
  line_editor_block_signals(true);
  reading = 1;
  const line_editor_outcome outcome = read_line(editor, line, length);
  reading = 0;
  line_editor_block_signals(false);
  return outcome;
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
