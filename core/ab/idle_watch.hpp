// How busy workers are while they wait for their turn: in a session whose workers stay alive, one
// that polls takes a core, its share of the power, or bandwidth, from the one that is measured.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace lmbench::ab {

class IdleWatch {
 public:
  // root: "/" but for tests.
  explicit IdleWatch(std::filesystem::path root) : root_(std::move(root)) {}

  void begins_to_wait(std::uint32_t pid, std::uint64_t now_ns);
  void ends_waiting(std::uint64_t now_ns);

  // Of a core, over all waits so far. Empty while they were shorter than two seconds together: the
  // kernel counts a process's time in hundredths of a second.
  std::optional<double> share() const;
 private:
  std::filesystem::path root_;
  std::uint32_t pid_ = 0;  // 0: nobody waits
  std::uint64_t begin_ns_ = 0;
  std::uint64_t begin_cpu_ns_ = 0;
  std::uint64_t waited_ns_ = 0;
  std::uint64_t cpu_ns_ = 0;
};

}  // namespace lmbench::ab
