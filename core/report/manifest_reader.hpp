// manifest.json, read back: what an earlier run was asked to do, with which engine, and where.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "report/manifest.hpp"

namespace lmbench::report {

// Without the cases, the clock and the harness, which a new run finds out itself. Throws Error with
// one sentence for a file that is absent, no manifest, or one of a lmbench that this one cannot read.
Manifest read_manifest(const std::filesystem::path& file);

}  // namespace lmbench::report
