// Whether all workers of a run ran the same files. Rows of one run are compared with each other; a
// plugin that is built anew while a run goes on would make them rows of two engines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/identity.hpp"

namespace lmbench::process {

constexpr std::string_view kIdentityChanged = "identity_changed";

class IdentityGuard {
 public:
  // A worker has loaded. planned: the plugin's file as the worker found it; objects: what it has
  // mapped, the plugin first.
  void see(const std::string& planned, std::vector<plugin::MappedObject> objects);

  // The latest worker mapped other files than the first, by path or content, or a plugin of another
  // path than planned.
  bool has_changed() const noexcept { return has_changed_; }
 private:
  std::vector<plugin::MappedObject> first_;  // sorted by path
  bool has_changed_ = false;
};

}  // namespace lmbench::process
