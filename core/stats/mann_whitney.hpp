// The Mann-Whitney test (Wilcoxon's rank-sum test): does one of two independent samples tend to
// larger values? Assumes nothing about the distribution, but independent values: tokens and steps of
// one launch are not, so that it is never applied to them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace lmbench::stats {

struct MannWhitney {
  double u = 0;  // pairs of both samples in which the first one's is larger; ties count 1/2
  double p = 1;  // of a u as far from the middle as this, to either side
  bool is_exact = false;  // p is the exact distribution's, not the normal approximation
};

// Exact where no two values are equal and both samples have at most 50; otherwise normal, with the
// corrections for ties and for continuity. An empty sample is a mistake of ours: std::logic_error.
MannWhitney mann_whitney(std::span<const double> first, std::span<const double> second);

}  // namespace lmbench::stats
