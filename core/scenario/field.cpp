// SPDX-License-Identifier: Apache-2.0
#include "scenario/field.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "error.hpp"

namespace lmbench::scenario {
namespace {

std::string number_text(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace

std::string name_of(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::boolean:
      return "true or false";
    case Value::Kind::integer:
      return "an integer";
    case Value::Kind::real:
      return "a number with a point";
    case Value::Kind::text:
      return "a string";
    case Value::Kind::moment:
      return "a date or time";
    case Value::Kind::array:
      return "a list";
    case Value::Kind::table:
      return "a table";
  }
  return "unknown";
}

void Field::refuse(const std::string& claim) const {
  throw Error(place(), "'" + key_ + "' " + claim, ExitCode::bad_usage);
}

std::int64_t Field::integer(IntegerRange range) const {
  if (value_->kind != Value::Kind::integer) {
    refuse("must be an integer, not " + name_of(value_->kind));
  }
  if (value_->integer < range.min || value_->integer > range.max) {
    refuse("is " + std::to_string(value_->integer) + ", not between " + std::to_string(range.min) +
           " and " + std::to_string(range.max));
  }
  return value_->integer;
}

std::vector<std::int64_t> Field::integers(IntegerRange range, std::size_t most) const {
  if (value_->kind != Value::Kind::array) {
    refuse("must be a list of integers, such as [1, 16], not " + name_of(value_->kind));
  }
  if (value_->items.size() > most) {
    refuse("has " + std::to_string(value_->items.size()) + " entries, more than " +
           std::to_string(most));
  }
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < value_->items.size(); ++i) {
    const Field item(key_ + "[" + std::to_string(i) + "]", value_->items[i]);
    numbers.push_back(item.integer(range));
  }
  return numbers;
}

double Field::real(RealRange range) const {
  const bool is_integer = value_->kind == Value::Kind::integer;
  if (!is_integer && value_->kind != Value::Kind::real) {
    refuse("must be a number, not " + name_of(value_->kind));
  }
  const double value = is_integer ? static_cast<double>(value_->integer) : value_->real;
  const bool is_high_enough = range.excludes_min ? value > range.min : value >= range.min;
  if (is_high_enough && value <= range.max) return value;  // false for NaN
  refuse("is " + number_text(value) + ", not " + (range.excludes_min ? "above " : "at least ") +
         number_text(range.min) + " and at most " + number_text(range.max));
}

bool Field::boolean() const {
  if (value_->kind != Value::Kind::boolean) {
    refuse("must be true or false, not " + name_of(value_->kind));
  }
  return value_->boolean;
}

std::string Field::text() const {
  if (value_->kind != Value::Kind::text) {
    refuse("must be a string in quotes, not " + name_of(value_->kind));
  }
  if (value_->text.find('\0') != std::string::npos) refuse("holds a zero byte");
  return value_->text;
}

std::vector<std::string> Field::choices(std::initializer_list<std::string_view> names,
                                        std::size_t most) const {
  if (value_->kind != Value::Kind::array) {
    refuse("must be a list of strings, not " + name_of(value_->kind));
  }
  if (value_->items.empty() || value_->items.size() > most) {
    refuse("must have 1 to " + std::to_string(most) + " entries");
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < value_->items.size(); ++i) {
    const Field item(key_ + "[" + std::to_string(i) + "]", value_->items[i]);
    texts.emplace_back(*(names.begin() + item.choice(names)));
  }
  return texts;
}

std::size_t Field::choice(std::initializer_list<std::string_view> names) const {
  const std::string chosen = text();
  std::string all;
  for (const std::string_view name : names) {
    all += (all.empty() ? "\"" : ", \"") + std::string(name) + "\"";
  }
  const auto found = std::find(names.begin(), names.end(), chosen);
  if (found == names.end()) refuse("is \"" + chosen + "\", not one of " + all);
  return static_cast<std::size_t>(found - names.begin());
}

OptionValue Field::option() const {
  switch (value_->kind) {
    case Value::Kind::boolean:
      return value_->boolean;
    case Value::Kind::integer:
      return value_->integer;
    case Value::Kind::real:
      if (!std::isfinite(value_->real)) refuse("must be a finite number");
      return value_->real;
    case Value::Kind::text:
      return text();
    default:
      refuse("is " + name_of(value_->kind) +
             ", but an engine option is true or false, an integer, a number or a string");
  }
}

std::string Field::environment_value() const {
  if (value_->kind == Value::Kind::integer) return std::to_string(value_->integer);
  return text();
}

}  // namespace lmbench::scenario
