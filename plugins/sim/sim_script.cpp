// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_script.hpp"

#include <algorithm>
#include <cmath>

namespace lmbench::sim {

std::int32_t token_at(std::uint64_t prompt_hash, std::uint32_t position,
                      std::uint32_t vocab_size) noexcept {
  const std::uint64_t drawn = mix(prompt_hash + 0x9e3779b97f4a7c15ULL * (position + 1ULL));
  return static_cast<std::int32_t>(kSpecialTokens + drawn % (vocab_size - kSpecialTokens));
}

// Box-Muller; one of its two values is enough here.
double StepScript::next_normal() noexcept {
  constexpr double kPi = 3.14159265358979323846;
  const auto next_uniform = [this] {  // in (0, 1)
    random_state_ += 0x9e3779b97f4a7c15ULL;
    return (static_cast<double>(mix(random_state_) >> 12U) + 0.5) * 0x1p-52;
  };
  const double radius = std::sqrt(-2.0 * std::log(next_uniform()));
  return radius * std::cos(2.0 * kPi * next_uniform());
}

// First-order autoregressive, of variance 1 from the first step on.
double StepScript::next_jitter() noexcept {
  const double rho = options_.autocorrelation;
  const double fresh = next_normal();
  jitter_ = has_jitter_ ? rho * jitter_ + std::sqrt(1.0 - rho * rho) * fresh : fresh;
  has_jitter_ = true;
  return jitter_;
}

std::uint64_t StepScript::next_step_ns(const StepShape& shape, std::uint64_t round) noexcept {
  constexpr double kLeastFactor = 0.01;  // no step before its beginning
  const double base_us =
      options_.step_us + options_.prefill_us_per_token * static_cast<double>(shape.prefill_tokens) +
      options_.step_us_per_sequence * static_cast<double>(shape.sequences) +
      options_.step_us_per_kilotoken_context * static_cast<double>(shape.context_tokens) / 1000.0;
  double factor = 1.0;
  if (options_.startup_excess_percent > 0.0) {
    const double age = static_cast<double>(round) / options_.startup_time_constant_rounds;
    factor += options_.startup_excess_percent / 100.0 * std::exp(-age);
  }
  if (options_.jitter_percent > 0.0) factor += options_.jitter_percent / 100.0 * next_jitter();
  constexpr double kLongestStepNs = 1e15;  // eleven days: a bound for the conversion
  const double step_ns = base_us * 1000.0 * std::max(factor, kLeastFactor);
  return static_cast<std::uint64_t>(std::llround(std::min(step_ns, kLongestStepNs)));
}

}  // namespace lmbench::sim
