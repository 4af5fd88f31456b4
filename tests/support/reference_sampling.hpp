// Which token follows, from logits in double precision: greedy, or Gumbel-max over temperature,
// top_k and top_p with noise that is a pure function of (seed, position, token). Written after the
// definition that all backends of turbomind share, with a Philox of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace lmbench::test {

struct ReferenceSampling {
  double temperature = 0;  // 0: greedy
  std::int32_t top_k = 0;  // 0: no limit
  double top_p = 1;
  std::uint64_t seed = 0;
};

struct Choice {
  std::int32_t token = 0;
  double lead = 0;  // over the second, in scores: logits, or logit / temperature + noise
};

// position: where the new token stands in its sequence, from 0.
Choice choose(std::span<const double> logits, const ReferenceSampling& sampling,
              std::uint64_t position);

// Whether logits that are off by up to so much still choose the same token.
bool is_clear(std::span<const double> logits, const ReferenceSampling& sampling,
              std::uint64_t position, double error);

// -ln(-ln(1 - u)), u uniform in (0, 1) from Philox4x32-10.
double gumbel_noise(std::uint64_t seed, std::uint64_t position, std::uint32_t token);

// Four words of Philox4x32-10 (Salmon et al., SC'11).
std::array<std::uint32_t, 4> philox_block(std::uint64_t key, std::array<std::uint32_t, 4> counter);

}  // namespace lmbench::test
