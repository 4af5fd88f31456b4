// SPDX-License-Identifier: Apache-2.0
#include "plugin/contract_violations.hpp"

#include <algorithm>
#include <array>

namespace lmbench::plugin {

std::string_view name_of(ContractRule rule) noexcept {
  constexpr std::array<std::string_view, 13> kNames = {
      "one-terminal",  "ended-by-destroy",   "none-for-refused",     "in-order",
      "counts-add-up", "min-and-max-tokens", "cached-on-first-only", "fields-as-declared",
      "claims-hold",   "none-after-destroy", "error-has-text",       "accepts-a-prefix",
      "host"};
  static_assert(static_cast<std::size_t>(ContractRule::host) + 1 == kNames.size());
  return kNames.at(static_cast<std::size_t>(rule));
}

void ContractViolations::add(ContractRule rule, std::string sentence) {
  constexpr std::ptrdiff_t kMostOfARule = 8;
  const std::lock_guard lock(mutex_);
  const auto seen = std::count_if(violations_.begin(), violations_.end(),
                                  [&](const Violation& v) { return v.rule == rule; });
  if (seen < kMostOfARule) violations_.push_back({rule, std::move(sentence)});
}

bool ContractViolations::is_empty() const {
  const std::lock_guard lock(mutex_);
  return violations_.empty();
}

std::vector<Violation> ContractViolations::all() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

std::optional<std::string> ContractViolations::first(ContractRule rule) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(violations_.begin(), violations_.end(),
                                  [&](const Violation& v) { return v.rule == rule; });
  return found == violations_.end() ? std::nullopt : std::optional(found->sentence);
}

}  // namespace lmbench::plugin
