// Which instruction sets the kernels exist for, and which of them this CPU and kernel offer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace turbomind {

// In ascending order; each is compiled in its own translation unit.
enum class Isa { portable, avx2, avx512, avx512_bf16, amx };

std::string_view name_of(Isa isa) noexcept;

// [any] All that run here, ascending; `portable` always does. `amx` asks the kernel once for the
// right to use tile registers, which then holds for the whole process.
const std::vector<Isa>& supported_isas();

// [any] The best of supported_isas(), not above the one that the environment variable
// LMBENCH_TURBOMIND_ISA names (portable, avx2, avx512, avx512_bf16 or amx), if any. Throws Error
// with invalid_argument on any other name.
Isa best_isa();

}  // namespace turbomind
