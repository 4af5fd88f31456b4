// A Scenario as canonical TOML text, which read_scenario turns into the same Scenario again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "scenario/scenario.hpp"

namespace lmbench::scenario {

std::string toml_text(const Scenario& scenario);

// A TOML basic string, quotes included.
std::string toml_quoted(std::string_view text);

}  // namespace lmbench::scenario
