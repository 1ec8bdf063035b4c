#include "CTemplate.h"

#include <cstdlib>
#include <cstring>
#include <kainjow/mustache.hpp>
#include <string>
#include <utility>

namespace mustache = kainjow::mustache;

struct CTemplateValue {
  mustache::data data;
};

CTemplateValue *ctemplate_table() { return new CTemplateValue{mustache::data(mustache::data::type::object)}; }

CTemplateValue *ctemplate_list() { return new CTemplateValue{mustache::data(mustache::data::type::list)}; }

void ctemplate_set_text(CTemplateValue *table, const char *name, const char *bytes, size_t length) {
  table->data.set(name, mustache::data(std::string(bytes, length)));
}

void ctemplate_set_flag(CTemplateValue *table, const char *name, bool flag) {
  table->data.set(name, mustache::data(flag ? mustache::data::type::bool_true : mustache::data::type::bool_false));
}

void ctemplate_set_value(CTemplateValue *table, const char *name, CTemplateValue *value) {
  table->data.set(name, std::move(value->data));
  delete value;
}

void ctemplate_set_partial(CTemplateValue *table, const char *name, const char *bytes, size_t length) {
  table->data.set(name, mustache::data(mustache::partial([bytes, length] { return std::string(bytes, length); })));
}

void ctemplate_append_text(CTemplateValue *list, const char *bytes, size_t length) {
  list->data.push_back(mustache::data(std::string(bytes, length)));
}

void ctemplate_append_value(CTemplateValue *list, CTemplateValue *value) {
  list->data.push_back(std::move(value->data));
  delete value;
}

char *ctemplate_fill(const char *bytes, size_t length, CTemplateValue *table, size_t *filled, bool *isGood) {
  mustache::mustache page{std::string(bytes, length)};
  const std::string text = page.is_valid() ? page.render(table->data) : page.error_message();
  *isGood = page.is_valid();
  delete table;
  *filled = text.size();
  char *copy = static_cast<char *>(std::malloc(text.size() + 1));
  if (copy == nullptr) std::abort();
  std::memcpy(copy, text.data(), text.size());
  return copy;
}
