// What is no longer as an earlier run recorded it, a sentence each: for those who go on with that
// run or repeat it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report/manifest.hpp"

namespace lmbench::process {

// Version of lmbench, machine, and environment variables of the engine.
std::vector<std::string> changes_around(const report::Manifest& then, const report::Manifest& now);

// Which engine: its files, and those of the model. Empty while either is not known.
std::vector<std::string> changes_of_engine(const report::Manifest& then,
                                           const report::Manifest& now);

}  // namespace lmbench::process
