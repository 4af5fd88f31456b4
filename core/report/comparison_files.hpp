// comparison.csv, comparison.json and comparison.md of an A/B session: the same figures as the table
// on the terminal, for programs and for a pull request.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "report/comparison.hpp"

namespace lmbench::report {

// A line for each candidate, case and metric. Changes are of the metric itself: in percent for
// ratios (column scale), in its unit for differences.
std::string comparison_csv(const Comparison& comparison);
std::string comparison_json(const Comparison& comparison);

// All three into the folder; each is whole at any moment. Throws Error.
void write_comparison(const std::filesystem::path& folder, const Comparison& comparison);

}  // namespace lmbench::report
