// How fast this machine reads memory, measured now: what a decode step is bound by on a CPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace turbomind {

// CPUs that this process may use, at least 1.
std::uint32_t usable_cpus();

// Bytes per second of so many threads together, each reading memory of its own that no cache
// holds; the best of a few passes, about a tenth of a second in all. 0: it could not be measured.
double measure_read_bandwidth(std::uint32_t threads);

}  // namespace turbomind
