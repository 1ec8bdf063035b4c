#pragma once
// Templates in the Mustache language, by Debian's libkainjow-mustache-dev, as plain C. Nothing throws: running out of memory ends the process.
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Something that fills a template in: a table of values by name, or a list.
typedef struct CTemplateValue CTemplateValue;

CTemplateValue *_Nonnull ctemplate_table(void);
CTemplateValue *_Nonnull ctemplate_list(void);

/// Into a table under a name; texts are copied, and `value` belongs to the table from now on.
void ctemplate_set_text(CTemplateValue *_Nonnull table, const char *_Nonnull name, const char *_Nonnull bytes, size_t length);
void ctemplate_set_flag(CTemplateValue *_Nonnull table, const char *_Nonnull name, bool flag);
void ctemplate_set_value(CTemplateValue *_Nonnull table, const char *_Nonnull name, CTemplateValue *_Nonnull value);
/// A template that others refer to as `{{>name}}`. Its bytes stay where they are until the end.
void ctemplate_set_partial(CTemplateValue *_Nonnull table, const char *_Nonnull name, const char *_Nonnull bytes, size_t length);

/// To the end of a list.
void ctemplate_append_text(CTemplateValue *_Nonnull list, const char *_Nonnull bytes, size_t length);
void ctemplate_append_value(CTemplateValue *_Nonnull list, CTemplateValue *_Nonnull value);

/// Fills a template in with a table, which is gone then; `&`, `<`, `>` and quotation marks of texts are escaped.
///
/// Returns bytes that `free` takes back, and their number in `filled`: the text, or where `isGood` is false what is wrong with the template.
char *_Nonnull ctemplate_fill(
  const char *_Nonnull bytes, size_t length, CTemplateValue *_Nonnull table, size_t *_Nonnull filled, bool *_Nonnull isGood);

#ifdef __cplusplus
}
#endif
