// The scenario that an earlier run was made from, out of its manifest.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "report/manifest.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

// With seeds and all values in force. file: where the manifest is from, for the sentence of the
// Error that is thrown when a lmbench with other keys wrote it.
scenario::Scenario recorded_scenario(const report::Manifest& manifest,
                                     const std::filesystem::path& file);

}  // namespace lmbench::process
