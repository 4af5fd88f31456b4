// SPDX-License-Identifier: Apache-2.0
#include "plugin/config_entries.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace lmbench::plugin {
namespace {

StrView abi(const std::string& text) { return {text.data(), text.size()}; }

void set_value(ConfigEntry& entry, bool value) {
  entry.type = ValueType::boolean;
  entry.number.integer = value ? 1 : 0;
}

void set_value(ConfigEntry& entry, std::int64_t value) {
  entry.type = ValueType::integer;
  entry.number.integer = value;
}

void set_value(ConfigEntry& entry, double value) {
  entry.type = ValueType::real;
  entry.number.real = value;
}

void set_value(ConfigEntry& entry, const std::string& value) {
  entry.type = ValueType::text;
  entry.text = abi(value);
}

}  // namespace

ConfigEntries::ConfigEntries(scenario::Options options) : options_(std::move(options)) {
  entries_.reserve(options_.size());
  for (const auto& [key, option] : options_) {
    ConfigEntry entry{};
    entry.key = abi(key);
    std::visit([&entry](const auto& value) { set_value(entry, value); }, option);
    entries_.push_back(entry);
  }
}

}  // namespace lmbench::plugin
