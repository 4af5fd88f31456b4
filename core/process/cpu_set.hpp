// Binds this process to some of the machine's CPUs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace lmbench::process {

// "0-3,8" in ascending order. Throws Error for a text that is no such list, or a CPU above 1023.
std::vector<std::uint32_t> cpus_in(std::string_view list);

// Of all threads that are started from now on, and this one. Throws Error (engine_unusable) when the
// machine has none of them, or this process may not use one.
void run_on_cpus(std::string_view list);

}  // namespace lmbench::process
