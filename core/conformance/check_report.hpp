// What `lmbench check` found, as lines for a terminal and as JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "conformance/check_run.hpp"

namespace lmbench::conformance {

// "pass  events/in-order  events came one by one"
std::string line_of(const CheckedCase& checked);

// "31 passed, 1 failed, 2 warned, 4 skipped"
std::string totals_of(std::span<const CheckedCase> checked);

bool has_failed(std::span<const CheckedCase> checked);

// plugin, seed, totals by verdict, and every case.
std::string check_json(const CheckOrder& order, std::span<const CheckedCase> checked);

// Every case with its description, for --list and the manual.
std::string list_of_cases();

}  // namespace lmbench::conformance
