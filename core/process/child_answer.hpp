// One question to a child process of our own executable, which may crash or hang over it: for all
// that runs a plugin's code and must not end with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "process/child_process.hpp"

namespace lmbench::process {

struct ChildAnswer {
  std::optional<std::string> message;  // the one that it sent through kChannelFd
  bool is_hanging = false;             // it did not end in time, and was killed
  ExitState state;                     // how it ended otherwise
  std::string last_line;               // of what it printed

  // It answered and ended well.
  bool is_sound() const { return message && !is_hanging && state.is_clean(); }
  // Why it is not sound: "SIGSEGV (segmentation fault); last words: ...".
  std::string failure() const;
};

// arguments: behind argv[0]. Throws Error when no process can be started.
ChildAnswer ask_child(const std::vector<std::string>& arguments, std::chrono::seconds patience);

}  // namespace lmbench::process
