// Lines from a terminal, with editing, a history and completion. libedit's own functions take a variable number of arguments,
// which Swift cannot call.
#ifndef CLINEEDITOR_H
#define CLINEEDITOR_H

#include <stdbool.h>
#include <stddef.h>

typedef struct line_editor line_editor;

// What a read came to.
typedef enum line_editor_outcome { LINE_EDITOR_LINE, LINE_EDITOR_END, LINE_EDITOR_INTERRUPTED } line_editor_outcome;

// The Tab key: `line` up to `length` is what stands there, `cursor` the place in it. It answers through line_editor_insert and
// line_editor_list.
typedef void (*line_editor_complete)(void *context, line_editor *editor, const char *line, size_t length, size_t cursor);

// Opens the terminal on the standard streams. NULL where libedit cannot have it.
line_editor *line_editor_open(const char *program, line_editor_complete complete, void *context);
void line_editor_close(line_editor *editor);

// Reads a line. Its bytes, without the line feed, are good until the next call.
line_editor_outcome line_editor_read(line_editor *editor, const char *prompt, const char **line, size_t *length);

// During a completion: puts text at the cursor; shows text below the line.
void line_editor_insert(line_editor *editor, const char *text);
void line_editor_list(line_editor *editor, const char *text);

// The history. A file is replaced whole and only its owner may read it; false where it could not be written.
void line_editor_remember(line_editor *editor, const char *line);
void line_editor_load_history(line_editor *editor, const char *path);
bool line_editor_save_history(line_editor *editor, const char *path);

// From now on Ctrl-C calls `handler`, inside a signal handler, and ends a read of line_editor_read. It reaches the calling thread
// only if no other has the signal unblocked: see line_editor_block_signals.
void line_editor_catch_interrupts(void (*handler)(void *context), void *context);
// Keeps SIGINT and what tells of the terminal from this thread and those it makes, or lets them through.
void line_editor_block_signals(bool block);

#endif
