// The tables of the instruction sets, each defined in a file of its own; and, for those files, the
// table of the kernels that are written once for any vector type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/kernels.hpp"

namespace turbomind {

extern const Kernels kPortableKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

void avx512_bf16_gemm(const GemmArguments& arguments) noexcept;  // AVX512_BF16 for bf16 weights
void amx_gemm(const GemmArguments& arguments) noexcept;          // AMX for bf16 weights

}  // namespace turbomind
