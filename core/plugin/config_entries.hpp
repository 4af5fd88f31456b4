// [engine.options] in the form of the ABI. Owns what its view points to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lmbench/engine_abi.hpp>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::plugin {

class ConfigEntries {
 public:
  explicit ConfigEntries(scenario::Options options);
  ConfigEntries(const ConfigEntries&) = delete;
  ConfigEntries& operator=(const ConfigEntries&) = delete;

  ConfigView view() const noexcept { return {entries_.data(), entries_.size()}; }
 private:
  scenario::Options options_;
  std::vector<ConfigEntry> entries_;
};

}  // namespace lmbench::plugin
