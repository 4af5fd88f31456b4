// SPDX-License-Identifier: Apache-2.0
#include "conformance/check_case.hpp"

#include <array>
#include <exception>
#include <utility>

namespace lmbench::conformance {

std::string_view name_of(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 4> kNames = {"pass", "fail", "warn", "skip"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

Finding pass(std::string sentence) { return {Verdict::pass, std::move(sentence)}; }
Finding fail(std::string sentence) { return {Verdict::fail, std::move(sentence)}; }
Finding warn(std::string sentence) { return {Verdict::warn, std::move(sentence)}; }
Finding skip(std::string sentence) { return {Verdict::skip, std::move(sentence)}; }

std::vector<CheckCase> check_cases() {
  std::vector<CheckCase> cases;
  for (const auto group : {binary_cases(), lifecycle_cases(), events_cases(), concurrency_cases(),
                           honesty_cases(), cost_cases()}) {
    cases.insert(cases.end(), group.begin(), group.end());
  }
  return cases;
}

Finding run_here(const CheckCase& check_case, const Subject& subject) {
  try {
    return check_case.run(subject);
  } catch (const CaseEnd& end) {
    return end.finding;
  } catch (const std::exception& e) {
    return fail(e.what());
  }
}

}  // namespace lmbench::conformance
