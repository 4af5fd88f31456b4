// One entry of a scenario, read as the type and range that its key wants, or an Error that names
// the key and the place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.hpp"
#include "scenario/toml_document.hpp"

namespace lmbench::scenario {

struct IntegerRange {
  std::int64_t min, max;
};

struct RealRange {
  double min, max;
  bool excludes_min = false;
};

class Field {
 public:
  // Borrows value.
  Field(std::string key, const Value& value) : key_(std::move(key)), value_(&value) {}

  const std::string& place() const { return value_->place; }

  std::int64_t integer(IntegerRange range) const;
  std::vector<std::int64_t> integers(IntegerRange range, std::size_t most) const;  // may be empty
  double real(RealRange range) const;
  bool boolean() const;
  bool is_text() const { return value_->kind == Value::Kind::text; }
  std::string text() const;
  std::size_t choice(std::initializer_list<std::string_view> names) const;
  // At least one, each of these names.
  std::vector<std::string> choices(std::initializer_list<std::string_view> names,
                                   std::size_t most) const;
  OptionValue option() const;             // any leaf
  std::string environment_value() const;  // text or integer

  [[noreturn]] void refuse(const std::string& claim) const;  // "'measure.strict' " + claim
 private:
  std::string key_;
  const Value* value_;
};

std::string name_of(Value::Kind kind);

}  // namespace lmbench::scenario
