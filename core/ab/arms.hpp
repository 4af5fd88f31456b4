// The arms of an A/B session: the base, the base again, and each candidate, every one a scenario of
// its own that differs in engine, options, environment and CPUs alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::ab {

constexpr std::uint32_t kBase = 0;
constexpr std::uint32_t kCopy = 1;
constexpr std::uint32_t kFirstCandidate = 2;

struct Arm {
  std::string name;             // the variant's; "<base>-again" of the copy
  scenario::Scenario scenario;  // the engine as the variant has it; plugin is a path
};

// A byte copy of a plugin under another name in its folder, where what it finds beside itself is
// found too; removed at the end. The plugin itself where the folder cannot be written.
class PluginCopy {
 public:
  explicit PluginCopy(const std::filesystem::path& plugin);
  ~PluginCopy();
  PluginCopy(const PluginCopy&) = delete;
  PluginCopy& operator=(const PluginCopy&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
 private:
  std::filesystem::path path_;
  bool is_copy_ = false;
};

// The scenario with the engine of a variant.
scenario::Scenario with_variant(const scenario::Scenario& scenario,
                                const scenario::Variant& variant);

// Throws Error when there is nothing to compare.
void require_two_variants(const scenario::Scenario& scenario);

// base_copy: the path of a PluginCopy. Precondition: at least two variants.
std::vector<Arm> arms_of(const scenario::Scenario& scenario, const std::string& base_copy);

}  // namespace lmbench::ab
