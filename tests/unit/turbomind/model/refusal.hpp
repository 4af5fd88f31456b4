// Runs something that must be refused, and gives back what a user would see: the code and the text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lmbench/plugin.hpp>
#include <string>

namespace turbomind::test {

struct Refusal {
  lmbench::Code code = lmbench::Code::ok;
  std::string text = "nothing was refused";

  bool is(lmbench::Code wanted, const std::string& part) const {
    return code == wanted && text.find(part) != std::string::npos;
  }
};

template <class Action>
Refusal refusal_of(Action action) {
  try {
    action();
  } catch (const lmbench::sdk::Error& e) {
    return {e.code(), e.what()};
  }
  return {};
}

}  // namespace turbomind::test
