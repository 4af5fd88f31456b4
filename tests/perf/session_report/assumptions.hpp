// What the step model took for granted, t = bytes / read bandwidth + kernels * boundary, each with
// what was seen.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../kernel_time.hpp"
#include "model_cells.hpp"

namespace turbomind::perf {

struct Boundaries {
  double plain_us = 0;
  double early_us = 0;  // with programmatic dependent launch
};

struct Assumption {
  std::string what;
  double assumed;
  std::string unit;
  std::optional<double> seen;
  std::string how;
};

struct Observations {
  LeastTime least;
  std::uint32_t layers;
  Boundaries boundaries;
  std::vector<KernelTime> kernels;
  std::vector<Cell> cells;
  std::vector<Cell> early_cells;  // with early starts
};

std::vector<Assumption> compare_assumptions(const Observations& seen);

}  // namespace turbomind::perf
