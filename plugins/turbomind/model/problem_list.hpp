// Problems of one directory, gathered before anything is refused, so that a user sees ten at once
// and not one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/plugin.hpp>
#include <string>

namespace turbomind {

class ProblemList {
 public:
  void add(const std::string& problem) {
    if (++count_ <= kMostShown) text_ += (count_ == 1 ? "" : "; ") + problem;
  }

  // Throws sdk::Error(invalid_argument) if there is any problem.
  void refuse_if_any(const std::string& place) const {
    if (count_ == 0) return;
    const std::string more =
        count_ > kMostShown ? "; and " + std::to_string(count_ - kMostShown) + " more" : "";
    throw lmbench::sdk::Error(lmbench::Code::invalid_argument,
                              place + ": " + std::to_string(count_) +
                                  (count_ == 1 ? " problem: " : " problems: ") + text_ + more);
  }
 private:
  static constexpr std::uint64_t kMostShown = 10;

  std::uint64_t count_ = 0;
  std::string text_;
};

}  // namespace turbomind
