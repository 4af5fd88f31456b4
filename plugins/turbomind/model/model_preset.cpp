// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/model_preset.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>
#include <locale>
#include <sstream>

#include "turbomind/model/sound_toml.hpp"
#include "turbomind/model/text_file.hpp"

namespace turbomind {
namespace {

constexpr std::string_view kTied = "tie_word_embeddings";

std::string place_of(const std::string& path, const toml::source_region& region) {
  return path + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw lmbench::sdk::Error(lmbench::Code::invalid_argument, place + ": " + what);
}

std::string shortest(double value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(17);
  text << value;
  return text.str();
}

// The value as config.ini would write it, if its TOML type fits the key.
std::string text_of(const toml::node& node, const std::string& key, const std::string& place) {
  const KeyKind kind = kind_of(key);
  if (kind == KeyKind::unknown) refuse(place, "unknown key '" + key + "'");
  if (kind == KeyKind::text) {
    if (const auto* text = node.as_string()) return text->get();
    refuse(place, "'" + key + "' must be a text");
  }
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (kind == KeyKind::integer) refuse(place, "'" + key + "' must be an integer");
  if (const auto* real = node.as_floating_point()) return shortest(real->get());
  refuse(place, "'" + key + "' must be a number");
}

bool is_tied(const toml::table& table, const std::string& path) {
  const toml::node* node = table.get(kTied);
  if (node == nullptr) return false;
  if (const auto* value = node->as_boolean()) return value->get();
  refuse(place_of(path, node->source()), "'" + std::string(kTied) + "' must be true or false");
}

// toml++ bounds the depth of lists and {}, but not that of dotted keys, which cost a '.' a level.
toml::table parse(std::string_view text, const std::string& path) {
  constexpr std::ptrdiff_t kMostPoints = 1024;
  if (std::count(text.begin(), text.end(), '.') > kMostPoints) {
    refuse(path, "it holds more than " + std::to_string(kMostPoints) + " '.'");
  }
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& e) {
    refuse(place_of(path, e.source()), std::string(e.description()));
  }
}

}  // namespace

ModelConfig parse_model_preset(std::string_view text, const std::string& path) {
  const toml::table table = parse(text, path);
  ConfigValues values;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (name == kTied) continue;
    const std::string place = place_of(path, node.source());
    values.emplace(name, ConfigValue{text_of(node, name, place), place});
  }
  values.try_emplace("tensor_para_size", ConfigValue{"1", path});
  ModelConfig config = interpret(values, path);
  if (config.tensor_para_size != 1) {
    refuse(path, "tensor_para_size is of no use in a preset; say tp where the engine is set up");
  }
  config.architecture.is_head_tied = is_tied(table, path);
  return config;
}

ModelConfig read_model_preset(const std::filesystem::path& path) {
  return parse_model_preset(read_text_file(path), path.string());
}

}  // namespace turbomind
