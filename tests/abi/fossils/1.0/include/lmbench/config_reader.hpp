// SDK: typed reads of a ConfigView, with ranges. Nothing is converted but an integer where a real is
// asked for; every complaint is an sdk::Error that names the key.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <limits>
#include <lmbench/plugin.hpp>
#include <vector>

namespace lmbench { namespace LMBENCH_HIDDEN sdk { inline namespace v1_0 {

// Both ends belong to it.
template <class T>
struct Range {
  T min;
  T max;
};

// Remembers what it was asked for, so that finish() can name the known keys. Throws; use it inside of
// guarded().
class ConfigReader {
 public:
  explicit ConfigReader(ConfigView config) : config_(config), used_(config.size, false) {}

  // The value of the key, or the fallback where the config has no such key.
  std::int64_t integer(std::string_view key, std::int64_t fallback, Range<std::int64_t> range) {
    const ConfigEntry* e = find(key, ValueType::integer, "an integer");
    const std::int64_t value = e ? e->number.integer : fallback;
    check(key, value, range);
    return value;
  }
  // The same for a number.
  double real(std::string_view key, double fallback, Range<double> range) {
    const ConfigEntry* e = find(key, ValueType::real, "a number");
    if (!e) return fallback;
    const double value =
        e->type == ValueType::integer ? static_cast<double>(e->number.integer) : e->number.real;
    check(key, value, range);
    return value;
  }
  // The same for true or false.
  bool boolean(std::string_view key, bool fallback) {
    const ConfigEntry* e = find(key, ValueType::boolean, "true or false");
    return e ? e->number.integer != 0 : fallback;
  }
  // The text of a key that must be there.
  std::string text(std::string_view key) {
    const ConfigEntry* e = find(key, ValueType::text, "a text");
    if (!e) throw Error(Code::invalid_argument, "missing key '" + std::string(key) + "'");
    return std::string(view(e->text));
  }
  // The text of a key that may be absent.
  std::string text(std::string_view key, std::string_view fallback) {
    const ConfigEntry* e = find(key, ValueType::text, "a text");
    return std::string(e ? view(e->text) : fallback);
  }
  // Which of the names the text is, counted from 0.
  std::size_t choice(std::string_view key, std::initializer_list<std::string_view> names,
                     std::size_t fallback) {
    const ConfigEntry* e = find(key, ValueType::text, "a text");
    if (!e) return fallback;
    std::string all;
    std::size_t i = 0;
    for (std::string_view name : names) {
      if (name == view(e->text)) return i;
      ++i;
      all += (all.empty() ? "" : ", ") + std::string(name);
    }
    throw Error(Code::invalid_argument, "'" + std::string(key) + "' must be one of: " + all);
  }
  // A key that nobody asked for is an error. Keys that begin with "lmbench." are the runner's hints and
  // may stay unread.
  void finish() const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i] || view(config_.data[i].key).substr(0, 8) == "lmbench.") continue;
      const std::string hint = known_.empty() ? "no key is known here" : "known keys: " + known_;
      throw Error(Code::invalid_argument,
                  "unknown key '" + std::string(view(config_.data[i].key)) + "'; " + hint);
    }
  }
 private:
  const ConfigEntry* find(std::string_view key, ValueType type, const char* wanted) {
    known_ += (known_.empty() ? "" : ", ") + std::string(key);
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const ConfigEntry& e = config_.data[i];
      if (view(e.key) != key) continue;
      used_[i] = true;
      const bool widened = type == ValueType::real && e.type == ValueType::integer;
      if (e.type == type || widened) return &e;
      throw Error(Code::invalid_argument, "'" + std::string(key) + "' must be " + wanted);
    }
    return nullptr;
  }
  template <class T>
  static void check(std::string_view key, T value, Range<T> range) {
    if (value >= range.min && value <= range.max) return;
    throw Error(Code::invalid_argument, "'" + std::string(key) + "' is " + std::to_string(value) +
                                            ", not between " + std::to_string(range.min) + " and " +
                                            std::to_string(range.max));
  }

  ConfigView config_;
  std::vector<bool> used_;
  std::string known_;
};

}}}  // namespace lmbench::sdk::v1_0
