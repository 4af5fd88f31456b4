// The keys of [ab] and of a [[variant]], beside the open tables `options` and `environment`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "scenario/scenario_keys.hpp"

namespace lmbench::scenario {

std::span<const Rule> ab_rules();

// "0-3,8"; that they exist is seen when the worker starts.
std::string read_cpus(const Field& field);

struct VariantRule {
  std::string_view key;
  void (*read)(const Field& field, Variant& variant);
};

std::span<const VariantRule> variant_rules();

}  // namespace lmbench::scenario
