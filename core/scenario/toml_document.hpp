// A TOML text, with overrides put into it, as a flat list of entries that know where they were
// written. Its source is the only one of this folder that includes toml++, which compiles slowly.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario_reader.hpp"

namespace lmbench::scenario {

struct Value {
  enum class Kind { boolean, integer, real, text, moment, array, table };

  Kind kind = Kind::table;
  std::string place;  // "scenario.toml:12:5", or the origin of an override; a table may have none
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0.0;
  std::string text;
  std::vector<Value> items;  // of an array
};

struct Entry {
  std::vector<std::string> path;
  std::string key_place;  // where the key was written
  Value value;
};

// Tables come before their entries; the n-th table of a list has n as a segment of its path. Throws Error for text that is not TOML.
std::vector<Entry> read_document(std::string_view text, const std::string& source_path,
                                 const std::vector<Override>& overrides);

}  // namespace lmbench::scenario
