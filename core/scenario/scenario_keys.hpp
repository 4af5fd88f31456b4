// The list of all scenario keys: how each is checked and where its value goes. A key that is not
// in it, nor below [engine.options] or [engine.environment], is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/field.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::scenario {

struct List {
  std::vector<std::uint32_t> numbers;
  std::string place;
};

// A scenario on its way: lists are paired, and presence is checked, when all entries are read.
struct Draft {
  Scenario scenario;
  std::optional<List> concurrency;
  std::optional<List> prompt_tokens;
  std::optional<List> completion_tokens;
};

struct Rule {
  std::string_view key;  // dotted
  void (*read)(const Field& field, Draft& draft);
};

std::span<const Rule> scenario_rules();

}  // namespace lmbench::scenario
