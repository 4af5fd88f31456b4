// telemetry.csv: the samples as they were taken, one line for the machine or a device at one time.
// docs/metrics.md describes the columns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "stats/telemetry_sample.hpp"

namespace lmbench::report {

const std::vector<std::string>& telemetry_columns();

// In order of time.
std::string telemetry_lines(const stats::TelemetrySamples& samples);

// Makes the file with its header where there is none, and appends. Throws Error.
void append_telemetry(const std::filesystem::path& file, const stats::TelemetrySamples& samples);

}  // namespace lmbench::report
