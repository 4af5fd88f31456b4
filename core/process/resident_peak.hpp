// The largest resident set of this process, as the kernel keeps it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace lmbench::process {

// Lets the kernel count from now on. Where it does not, as in some containers, the peak goes on
// counting from the start of the process.
void restart_resident_peak();

// VmHWM; 0 when the kernel does not tell.
std::uint64_t resident_peak_bytes();

// Of the text of /proc/<pid>/status.
std::uint64_t resident_peak_in(const std::string& status);

}  // namespace lmbench::process
