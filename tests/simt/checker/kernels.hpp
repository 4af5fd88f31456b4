// Small kernels, each right or with one mistake of the kind that happens. Launchers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace lmbench::test {

// Runs a kernel by its name; its launch may throw simt::Error.
void run_kernel(const std::string& name);

}  // namespace lmbench::test
