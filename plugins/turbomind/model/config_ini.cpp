// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/config_ini.hpp"

#include <lmbench/plugin.hpp>

#include "turbomind/model/text_file.hpp"

namespace turbomind {
namespace {

constexpr std::string_view kBlank = " \t\r";

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw lmbench::sdk::Error(lmbench::Code::invalid_argument, place + ": " + what);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// A comment begins a line, or follows a blank.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_mark = line[i] == '#' || line[i] == ';';
    const bool is_first = i == 0 || kBlank.find(line[i - 1]) != std::string_view::npos;
    if (is_mark && is_first) return line.substr(0, i);
  }
  return line;
}

void check_section(std::string_view line, const std::string& place, bool is_first) {
  if (line != "[llama]") {
    refuse(place, "section '" + std::string(line) + "' is not [llama], the only one there may be");
  }
  if (!is_first) refuse(place, "a second section [llama]");
}

void add_pair(std::string_view line, const std::string& place, ConfigValues& values) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    refuse(place, "'" + std::string(line) + "' is not of the form key = value");
  }
  const std::string key(trimmed(line.substr(0, equals)));
  if (key.empty()) refuse(place, "no key before '='");
  const auto [at, is_new] =
      values.try_emplace(key, ConfigValue{std::string(trimmed(line.substr(equals + 1))), place});
  if (!is_new) refuse(place, "key '" + key + "' was given before, at " + at->second.place);
}

}  // namespace

ConfigValues parse_config_ini(std::string_view text, const std::string& path) {
  ConfigValues values;
  bool is_in_section = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(without_comment(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    const std::string place = path + ":" + std::to_string(number);
    if (line.front() == '[') {
      check_section(line, place, !is_in_section);
      is_in_section = true;
    } else if (!is_in_section) {
      refuse(place, "a key before the section [llama]");
    } else {
      add_pair(line, place, values);
    }
  }
  return values;
}

ModelConfig read_config_ini(const std::filesystem::path& path) {
  const std::string name = path.string();
  ModelConfig config = interpret(parse_config_ini(read_text_file(path), name), name);
  if (config.weight_type == DataType::fp32) config.weight_type = DataType::fp16;
  return config;
}

}  // namespace turbomind
