// SPDX-License-Identifier: Apache-2.0
#include "scenario/toml_document.hpp"

#include <algorithm>
#include <utility>

#include "error.hpp"
#include "scenario/scenario_writer.hpp"
#include "scenario/sound_toml.hpp"

namespace lmbench::scenario {
namespace {

constexpr char kOverrideMark = '\x01';  // begins the source path of a node that an override made

// Empty for a table that only an override's key made: it was written nowhere.
std::string place_of(const toml::source_region& source) {
  if (source.begin.line == 0) return "";
  const std::string path = source.path ? *source.path : "";
  if (!path.empty() && path.front() == kOverrideMark) return path.substr(1);
  return (path.empty() ? "scenario" : path) + ":" + std::to_string(source.begin.line) + ":" +
         std::to_string(source.begin.column);
}

Value value_of(const toml::node& node) {
  Value value;
  value.place = place_of(node.source());
  if (const auto* boolean = node.as_boolean()) {
    value.kind = Value::Kind::boolean;
    value.boolean = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Value::Kind::integer;
    value.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    value.kind = Value::Kind::real;
    value.real = real->get();
  } else if (const auto* text = node.as_string()) {
    value.kind = Value::Kind::text;
    value.text = text->get();
  } else if (const auto* array = node.as_array()) {
    value.kind = Value::Kind::array;
    for (const toml::node& item : *array) value.items.push_back(value_of(item));
  } else if (!node.is_table()) {
    value.kind = Value::Kind::moment;
  }
  return value;
}

void flatten_tables(const toml::array& list, std::vector<std::string>& path,
                    std::vector<Entry>& out);

// Recursion is bounded: by refuse_deep_keys, by split_key, and by toml++ for lists and {}.
void flatten(const toml::table& table, std::vector<std::string>& path, std::vector<Entry>& out) {
  for (const auto& [key, node] : table) {
    path.emplace_back(key.str());
    Value value = value_of(node);
    std::string key_place = key.source().begin.line != 0 ? place_of(key.source()) : value.place;
    out.push_back({path, std::move(key_place), std::move(value)});
    if (const toml::table* inner = node.as_table()) flatten(*inner, path, out);
    if (const toml::array* list = node.as_array()) flatten_tables(*list, path, out);
    path.pop_back();
  }
}

// [[key]]: each table with its number as a segment of the path.
void flatten_tables(const toml::array& list, std::vector<std::string>& path,
                    std::vector<Entry>& out) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const toml::table* table = list.get(i)->as_table();
    if (table == nullptr) continue;
    path.push_back(std::to_string(i));
    flatten(*table, path, out);
    path.pop_back();
  }
}

// toml++ limits the depth of lists and {} to 256, but not that of dotted keys, and a table some ten
// thousand levels deep would overflow the stack. A key needs a '.' for each level.
void refuse_deep_keys(std::string_view text, const std::string& source_path) {
  constexpr std::ptrdiff_t kMostPoints = 1024;
  if (std::count(text.begin(), text.end(), '.') <= kMostPoints) return;
  throw Error(
      source_path,
      "holds more than " + std::to_string(kMostPoints) + " '.', more than any scenario needs",
      ExitCode::bad_usage);
}

toml::table parse(std::string_view text, const std::string& source_path) {
  refuse_deep_keys(text, source_path);
  try {
    return toml::parse(text, source_path);
  } catch (const toml::parse_error& e) {
    throw Error(place_of(e.source()), std::string(e.description()), ExitCode::bad_usage);
  }
}

std::vector<std::string> split_key(const Override& setting) {
  constexpr std::size_t kMostSegments = 16;
  std::vector<std::string> segments(1);
  for (const char c : setting.key) {
    if (c == '.') {
      segments.emplace_back();
    } else {
      segments.back() += c;
    }
  }
  const bool is_plain = std::all_of(setting.key.begin(), setting.key.end(),
                                    [](char c) { return c > ' ' && c < '\x7f'; });
  for (const std::string& segment : segments) {
    if (is_plain && !segment.empty() && segments.size() <= kMostSegments) continue;
    throw Error(setting.origin, "'" + setting.key + "' is not a dotted key such as measure.strict",
                ExitCode::bad_usage);
  }
  return segments;
}

// A list, a table or a (too large) integer that TOML refuses is a mistake and not a string without
// its quotes.
bool is_meant_as_toml(const std::string& value) {
  const std::size_t begin = value.starts_with('+') || value.starts_with('-') ? 1 : 0;
  const bool is_integer = begin < value.size() && value[begin] >= '1' && value[begin] <= '9' &&
                          value.find_first_not_of("0123456789", begin) == std::string::npos;
  return value.starts_with('[') || value.starts_with('{') || is_integer;
}

// The setting's value as the only entry "v" of a table: TOML if it reads as that, else a string.
toml::table parse_value(const Override& setting) {
  const std::string source_path = kOverrideMark + setting.origin;
  refuse_deep_keys(setting.value, setting.origin);
  try {
    toml::table table = toml::parse("v = " + setting.value, source_path);
    if (table.size() == 1) return table;
  } catch (const toml::parse_error& e) {
    if (is_meant_as_toml(setting.value)) {
      throw Error(setting.origin, "'" + setting.value + "': " + std::string(e.description()),
                  ExitCode::bad_usage);
    }
  }
  try {
    return toml::parse("v = " + toml_quoted(setting.value), source_path);
  } catch (const toml::parse_error& e) {
    throw Error(setting.origin, std::string(e.description()), ExitCode::bad_usage);
  }
}

void apply(const Override& setting, toml::table& root) {
  const std::vector<std::string> segments = split_key(setting);
  toml::table* table = &root;
  std::string walked;
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    walked += (walked.empty() ? "" : ".") + segments[i];
    table = table->insert(segments[i], toml::table{}).first->second.as_table();
    if (table != nullptr) continue;
    throw Error(setting.origin, "'" + walked + "' is a value, so it can have no keys below it",
                ExitCode::bad_usage);
  }
  toml::table made = parse_value(setting);
  // A moved node keeps its source, by which errors about it find their place.
  made.get("v")->visit(
      [&](auto& node) { table->insert_or_assign(segments.back(), std::move(node)); });
}

}  // namespace

std::vector<Entry> read_document(std::string_view text, const std::string& source_path,
                                 const std::vector<Override>& overrides) {
  toml::table root = parse(text, source_path);
  for (const Override& setting : overrides) apply(setting, root);
  std::vector<Entry> entries;
  std::vector<std::string> path;
  flatten(root, path, entries);
  return entries;
}

}  // namespace lmbench::scenario
