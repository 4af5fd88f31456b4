// How much the CPU's caches hold.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace lmbench::process {

// All caches of the last level together, as sysfs has them; empty where it does not.
std::optional<std::uint64_t> last_level_cache_bytes(const std::filesystem::path& root = "/");

}  // namespace lmbench::process
