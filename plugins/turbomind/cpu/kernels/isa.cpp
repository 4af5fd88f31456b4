// Instruction sets by cpuid, see isa.hpp. GCC's and clang's builtins check the CPU and that the
// operating system saves the registers; AMX is not among them and is asked for by hand.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/isa.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <lmbench/plugin.hpp>
#include <string>

#if defined(LMBENCH_X86_KERNELS)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace turbomind {
namespace {

constexpr std::array kNames{std::string_view{"portable"}, std::string_view{"avx2"},
                            std::string_view{"avx512"}, std::string_view{"avx512_bf16"},
                            std::string_view{"amx"}};

#if defined(LMBENCH_X86_KERNELS)
struct CpuidResult {
  unsigned eax, ebx, ecx, edx;
};

CpuidResult cpuid(unsigned leaf, unsigned subleaf) {
  CpuidResult result{};
  __get_cpuid_count(leaf, subleaf, &result.eax, &result.ebx, &result.ecx, &result.edx);
  return result;
}

bool has_bit(unsigned word, unsigned bit) { return ((word >> bit) & 1U) != 0; }

bool has_f16c() { return has_bit(cpuid(1, 0).ecx, 29); }

bool has_avx512_bf16() { return has_bit(cpuid(7, 1).eax, 5); }

bool may_use_amx() {
  const CpuidResult features = cpuid(7, 0);
  if (!has_bit(features.edx, 22) || !has_bit(features.edx, 24)) return false;  // AMX-BF16, -TILE
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

std::vector<Isa> detect() {
  std::vector<Isa> found{Isa::portable};
#if defined(LMBENCH_X86_KERNELS)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !has_f16c()) {
    return found;
  }
  found.push_back(Isa::avx2);
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq")) {
    return found;
  }
  found.push_back(Isa::avx512);
  if (!has_avx512_bf16()) return found;
  found.push_back(Isa::avx512_bf16);
  if (may_use_amx()) found.push_back(Isa::amx);
#endif
  return found;
}

}  // namespace

std::string_view name_of(Isa isa) noexcept { return kNames[static_cast<std::size_t>(isa)]; }

const std::vector<Isa>& supported_isas() {
  static const std::vector<Isa> isas = detect();
  return isas;
}

Isa best_isa() {
  const Isa best = supported_isas().back();
  const char* limit = std::getenv("LMBENCH_TURBOMIND_ISA");
  if (limit == nullptr || *limit == '\0') return best;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == limit) return std::min(best, static_cast<Isa>(i));
  }
  throw lmbench::sdk::Error(lmbench::Code::invalid_argument,
                            "LMBENCH_TURBOMIND_ISA is '" + std::string(limit) +
                                "'; use portable, avx2, avx512, avx512_bf16 or amx");
}

}  // namespace turbomind
