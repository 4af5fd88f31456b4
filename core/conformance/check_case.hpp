// What `lmbench check` tests of a plugin, one named case for each promise of engine_abi.hpp: a case
// looks at one thing, and says in one sentence what it saw.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.hpp"

namespace lmbench::conformance {

// What is tested, and with which options.
struct Subject {
  std::filesystem::path plugin;       // absolute
  scenario::Options options;          // of load()
  bool has_config = false;            // the user gave them: load() must then succeed
  std::uint64_t seed = 0;             // of the prompts
  std::chrono::seconds patience{20};  // until the next event, or whatever else must come
};

enum class Verdict : std::uint32_t { pass, fail, warn, skip };

std::string_view name_of(Verdict verdict) noexcept;  // "pass"

struct Finding {
  Verdict verdict = Verdict::pass;
  std::string sentence;
};

Finding pass(std::string sentence);
Finding fail(std::string sentence);
Finding warn(std::string sentence);
Finding skip(std::string sentence);

struct CheckCase {
  const char* name;  // "events/one-terminal"
  const char* description;
  Finding (*run)(const Subject&);  // may throw CaseEnd and Error
};

// Ends a case from within its helpers.
struct CaseEnd {
  Finding finding;
};

// All, group by group, in the order in which they are run.
std::vector<CheckCase> check_cases();

// The groups; one file each in cases/.
std::span<const CheckCase> binary_cases();
std::span<const CheckCase> lifecycle_cases();
std::span<const CheckCase> events_cases();
std::span<const CheckCase> concurrency_cases();
std::span<const CheckCase> honesty_cases();
std::span<const CheckCase> cost_cases();

// Runs one in this process. What it throws becomes a finding; what it does to the process is the
// caller's to see.
Finding run_here(const CheckCase& check_case, const Subject& subject);

}  // namespace lmbench::conformance
