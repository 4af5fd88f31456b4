// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_roofline.hpp"

#include <lmbench/plugin.hpp>

namespace lmbench::sim {

StepWork step_work(const SimOptions& options, const StepShape& shape, std::uint64_t step,
                   std::uint64_t end_ns) noexcept {
  const std::uint64_t decoding = shape.sequences - shape.admitted_sequences;
  StepWork work{};
  work.step = step;
  work.end_ns = end_ns;
  work.prefill_tokens = static_cast<std::uint32_t>(shape.prefill_tokens);
  work.decode_tokens = static_cast<std::uint32_t>(decoding);
  work.sequences = static_cast<std::uint32_t>(shape.sequences);
  work.weight_bytes = options.weight_bytes;
  work.kv_bytes = static_cast<double>(shape.context_tokens) * options.kv_bytes_per_token;
  work.flops = 2.0 * static_cast<double>(options.parameters) *
               static_cast<double>(shape.prefill_tokens + decoding);
  return work;
}

bool device_peak(const SimOptions& options, DevicePeak& peak) noexcept {
  if (options.peak_bytes_per_s <= 0 && options.peak_flops_per_s <= 0) return false;
  peak = {};
  peak.bytes_per_s = options.peak_bytes_per_s;
  peak.flops_per_s = options.peak_flops_per_s;
  peak.measured = options.is_peak_measured ? 1 : 0;
  peak.device_name = sdk::abi("a scripted device");
  return true;
}

}  // namespace lmbench::sim
