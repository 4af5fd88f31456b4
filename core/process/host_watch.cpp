// SPDX-License-Identifier: Apache-2.0
#include "process/host_watch.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

namespace lmbench::process {

void HostWatch::begin(std::uint64_t now_ns) {
  const std::scoped_lock lock(mutex_);
  is_watching_ = true;
  looks_.clear();
  waited_ns_.clear();
  add_look(now_ns);
}

std::vector<stats::HostLook> HostWatch::end(std::uint64_t now_ns) {
  const std::scoped_lock lock(mutex_);
  if (is_watching_) add_look(now_ns);
  is_watching_ = false;
  return std::exchange(looks_, {});
}

void HostWatch::look(std::uint64_t now_ns) {
  const std::scoped_lock lock(mutex_);
  if (is_watching_) add_look(now_ns);
}

void HostWatch::add_look(std::uint64_t now_ns) { looks_.push_back({now_ns, longest_wait_ns()}); }

// A thread that is new since the last look has waited since then only; one that has ended is not
// known any more, and 0 where the kernel does not count.
std::uint64_t HostWatch::longest_wait_ns() {
  const bool is_first = looks_.empty();
  std::uint64_t longest = 0;
  std::map<std::string, std::uint64_t> now;
  std::error_code none;
  for (const auto& task : std::filesystem::directory_iterator(tasks_, none)) {
    std::ifstream file(task.path() / "schedstat");
    std::uint64_t ran_ns = 0;
    std::uint64_t waited_ns = 0;
    if (!(file >> ran_ns >> waited_ns)) continue;
    const std::string thread = task.path().filename().string();
    const auto before = waited_ns_.find(thread);
    const std::uint64_t known = before == waited_ns_.end() ? 0 : before->second;
    if (waited_ns > known) longest = std::max(longest, waited_ns - known);
    now[thread] = waited_ns;
  }
  waited_ns_ = std::move(now);
  return is_first ? 0 : longest;
}

}  // namespace lmbench::process
