// All cases of `lmbench check`, each in a process of its own with a limit of time, so that a plugin
// that crashes or hangs fails the case that it did so in and no other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/check_case.hpp"

namespace lmbench::conformance {

struct CheckedCase {
  std::string name;
  std::string description;
  Finding finding;
  double seconds = 0;
};

struct CheckOrder {
  Subject subject;
  std::string config_file;  // as given; empty: none
  std::string only;         // a regular expression on names; empty: all
  bool in_process = false;  // for debuggers: a crash then ends everything
};

// on_case: each as it is done. Throws Error for an expression that is none, or that fits no case.
std::vector<CheckedCase> check_plugin(const CheckOrder& order,
                                      const std::function<void(const CheckedCase&)>& on_case);

// The child's side: runs one case, and sends the finding to the descriptor fd. False when nobody is
// there to hear it. Throws Error for a name that is no case.
bool send_finding(const Subject& subject, const std::string& name, int fd);

}  // namespace lmbench::conformance
