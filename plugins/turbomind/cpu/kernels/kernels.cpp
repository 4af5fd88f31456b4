// The choice of a table, see kernels.hpp.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/kernels.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>
#include <string>

#include "turbomind/cpu/kernels/kernel_table.hpp"
#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind {

static_assert(kKvPageTokens == kPageTokens);

namespace {

#if defined(LMBENCH_X86_KERNELS)
Kernels with_gemm(Isa isa, void (*gemm)(const GemmArguments&) noexcept) {
  Kernels table = kAvx512Kernels;
  table.isa = isa;
  table.skinny_gemm = gemm;
  return table;
}
#endif

}  // namespace

std::size_t prefill_scratch_floats(std::uint32_t head_dim, std::uint32_t group) noexcept {
  constexpr std::size_t kLanes = kPrefillQueries;
  const std::size_t page = std::size_t{kKvPageTokens} * (2 * std::size_t{head_dim} + kLanes);
  return page + group * (2 * std::size_t{head_dim} + 2) * kLanes;
}

const Kernels& kernels_for(Isa isa) {
  const std::vector<Isa>& supported = supported_isas();
  if (std::find(supported.begin(), supported.end(), isa) == supported.end()) {
    throw lmbench::sdk::Error(lmbench::Code::unsupported,
                              "this CPU does not offer " + std::string(name_of(isa)));
  }
#if defined(LMBENCH_X86_KERNELS)
  static const Kernels bf16 = with_gemm(Isa::avx512_bf16, avx512_bf16_gemm);
  static const Kernels amx = with_gemm(Isa::amx, amx_gemm);
  switch (isa) {
    case Isa::portable:
      break;
    case Isa::avx2:
      return kAvx2Kernels;
    case Isa::avx512:
      return kAvx512Kernels;
    case Isa::avx512_bf16:
      return bf16;
    case Isa::amx:
      return amx;
  }
#endif
  return kPortableKernels;
}

}  // namespace turbomind
