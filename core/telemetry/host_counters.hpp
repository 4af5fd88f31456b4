// What the kernel says about the machine as a whole: CPU time, pressure, CPU frequency.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "stats/telemetry_sample.hpp"

namespace lmbench::telemetry {

// Fills the machine's part of a sample. root: "/" but for tests.
void read_host_counters(const std::filesystem::path& root, stats::HostSample& sample);

}  // namespace lmbench::telemetry
