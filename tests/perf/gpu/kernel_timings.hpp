// Times of kernels on the GPU of this process, beside what the hardware could do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace turbomind::perf {

struct Ceilings {
  double read_bytes_per_s = 0;  // by a kernel that only reads
  double flops_per_s = 0;       // of bf16 products of 8192^3 by cuBLASLt
};

struct Timing {
  std::string name;
  std::string shape;
  double bytes = 0;
  double flops = 0;
  double median_s = 0;
  double least_s = 0;

  // What it must take at least, by the ceilings.
  double roof_s(const Ceilings& ceilings) const;
};

Ceilings measure_ceilings();

// Throw Error for a launch that fails.
std::vector<Timing> time_skinny_products();
std::vector<Timing> time_decode_attention();
std::vector<Timing> time_prefill_attention();

}  // namespace turbomind::perf
