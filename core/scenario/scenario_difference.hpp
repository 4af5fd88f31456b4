// What two scenarios do not have in common, key by key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::scenario {

struct Difference {
  std::string key;  // dotted: "measure.test_rounds"
  std::string there;
  std::string here;  // as TOML values; "none" where a scenario does not have the key
};

// In the order of the canonical text. With defaults filled in: a key that was not written and one
// that was written with its default are the same.
std::vector<Difference> differences(const Scenario& there, const Scenario& here);

}  // namespace lmbench::scenario
