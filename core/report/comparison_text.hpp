// A comparison in words: for the terminal, and as Markdown for a pull request. The verdict comes
// first, then the numbers, then where the change lies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/comparison.hpp"

namespace lmbench::report {

// How much the metric itself changes (a time that gets shorter changes by less than 0): percent for
// ratios, in the metric's unit for differences.
double change_of(const MetricComparison& metric, double gain);

struct Change {
  double value;
  double low;  // of the 95 % interval
  double high;
};
// Precondition: the metric has an effect.
Change change_of(const MetricComparison& metric);

// "SLOWER" and the like for a gate; with reason in brackets where there is one.
std::string verdict_text(const MetricComparison& gate);

std::string comparison_table(const Comparison& comparison);
std::string comparison_markdown(const Comparison& comparison);

}  // namespace lmbench::report
