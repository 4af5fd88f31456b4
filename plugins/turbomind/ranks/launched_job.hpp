// A job of several ranks that a launcher started. On rank 0 the command runs as a child, and its engines,
// one after another, ask this process to call the ranks; these wait for calls and serve.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace turbomind {

// On every rank. The exit code: of the command on rank 0, 0 elsewhere. Throws Error.
int run_launched(const std::vector<std::string>& command);

}  // namespace turbomind
