// How long a kernel took on a GPU, beside what it had to move and to compute.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace turbomind::perf {

struct KernelTime {
  std::string name;
  std::string shape;
  double bytes = 0;
  double flops = 0;
  double median_s = 0;
  double least_s = 0;
};

}  // namespace turbomind::perf
