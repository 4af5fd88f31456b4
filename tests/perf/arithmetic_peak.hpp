// The fastest multiply-adds that an instruction set offers for matrix products: nothing but
// independent chains in registers, which is the ceiling of any kernel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "turbomind/cpu/kernels/isa.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::perf {

struct Arithmetic {
  std::string name;            // "bf16 vdpbf16ps, 512 bit"
  double flops_per_round = 0;  // two per multiply-add
  void (*run)(std::uint64_t rounds) noexcept = nullptr;
};

// What products of such weights can use at best: bf16 instructions where there are any and the
// weights are bf16, fp32 otherwise. The instruction set is one that this machine has.
Arithmetic best_arithmetic(Isa isa, DataType weights);

}  // namespace turbomind::perf
