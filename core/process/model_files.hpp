// Which files an engine's model is made of, with their sizes: reading them all for a hash would
// take longer than many a benchmark.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "report/manifest.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

// Of the option "model", where it names a file or a folder: by path inside the folder, sorted.
// Empty where it names neither.
std::vector<report::ModelFile> model_files(const scenario::Options& options);

}  // namespace lmbench::process
