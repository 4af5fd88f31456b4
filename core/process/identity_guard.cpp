// SPDX-License-Identifier: Apache-2.0
#include "process/identity_guard.hpp"

#include <algorithm>

namespace lmbench::process {

void IdentityGuard::see(const std::string& planned, std::vector<plugin::MappedObject> objects) {
  if (objects.empty()) return;
  const bool is_elsewhere = objects.front().path != planned;
  std::sort(objects.begin(), objects.end(),  // the order of loading may differ
            [](const auto& a, const auto& b) { return a.path < b.path; });
  if (first_.empty()) first_ = objects;
  has_changed_ = is_elsewhere || objects != first_;
}

}  // namespace lmbench::process
