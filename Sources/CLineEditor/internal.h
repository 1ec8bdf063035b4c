// Shared by editor.c (the terminal) and history.c (what was typed before).
#ifndef CLINEEDITOR_INTERNAL_H
#define CLINEEDITOR_INTERNAL_H

#include <histedit.h>
#include <signal.h>
#include "CLineEditor.h"

enum { HISTORY_LINES_MAX = 2000 };

struct line_editor {
  EditLine *edit;
  History *history;
  line_editor_complete complete;
  void *context;
  const char *prompt;
  sigset_t open_signals;   // those that are blocked while a read waits
  bool listed;       // the completion that runs has written below the line
};

#endif
