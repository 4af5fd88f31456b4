// What a step would have to move and compute if the model of the options were real.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/ext/roofline.hpp>

#include "sim/sim_options.hpp"
#include "sim/sim_script.hpp"

namespace lmbench::sim {

StepWork step_work(const SimOptions& options, const StepShape& shape, std::uint64_t step,
                   std::uint64_t end_ns) noexcept;

// False when the options have no peak.
bool device_peak(const SimOptions& options, DevicePeak& peak) noexcept;

}  // namespace lmbench::sim
