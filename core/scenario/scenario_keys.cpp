// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_keys.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>

#include "scenario/ab_keys.hpp"

namespace lmbench::scenario {
namespace {

// Bounds that no sensible run reaches; they keep a slip of the finger from filling the memory.
constexpr IntegerRange kConcurrencyRange = {1, 65536};
constexpr IntegerRange kTokensRange = {1, 16'777'216};
constexpr IntegerRange kRoundsRange = {1, 1'000'000};
constexpr IntegerRange kTokenIdRange = {0, std::numeric_limits<std::int32_t>::max()};
constexpr std::size_t kMostListEntries = 4096;
constexpr std::size_t kMostExclusions = 1 << 20;
constexpr double kLongestTimeoutSeconds = 1e7;
constexpr RealRange kTimeoutRange = {0.0, kLongestTimeoutSeconds, true};
constexpr RealRange kPeakRange = {0.0, 1e18, true};
constexpr IntegerRange kPeriodRange = {100, 60'000};  // more often would disturb what it looks at
constexpr double kLeastTopP = 1e-6;                   // as a float still above 0

List read_list(const Field& field, IntegerRange range) {
  List list;
  list.place = field.place();
  for (const std::int64_t number : field.integers(range, kMostListEntries)) {
    list.numbers.push_back(static_cast<std::uint32_t>(number));
  }
  if (list.numbers.empty()) field.refuse("must have at least one entry");
  return list;
}

// Part of a folder's name, so plain characters only.
std::string read_name(const Field& field) {
  constexpr std::size_t kLongestName = 100;
  const std::string name = field.text();
  const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (name.empty() || name.size() > kLongestName || name.front() == '.' || !is_plain) {
    field.refuse("must be 1 to 100 letters, digits, '-', '_' and '.', not beginning with a point");
  }
  return name;
}

std::string read_plugin(const Field& field) {
  std::string plugin = field.text();
  if (plugin.empty()) field.refuse("must name a plugin or a .so file");
  return plugin;
}

std::optional<std::string> read_csv(const Field& field) {
  std::string csv = field.text();
  return csv.empty() ? std::nullopt : std::optional<std::string>(std::move(csv));
}

const std::array<Rule, 34> kRules = {{
    {"scenario.name", [](const Field& f, Draft& d) { d.scenario.name = read_name(f); }},
    {"engine.plugin", [](const Field& f, Draft& d) { d.scenario.engine.plugin = read_plugin(f); }},
    {"engine.device_peak_bytes_per_s",
     [](const Field& f, Draft& d) {
       d.scenario.engine.device_peak_bytes_per_s = f.real(kPeakRange);
     }},
    {"engine.device_peak_flops_per_s",
     [](const Field& f, Draft& d) {
       d.scenario.engine.device_peak_flops_per_s = f.real(kPeakRange);
     }},
    {"engine.checked",
     [](const Field& f, Draft& d) { d.scenario.engine.is_checked = f.boolean(); }},
    {"engine.cpus", [](const Field& f, Draft& d) { d.scenario.engine.cpus = read_cpus(f); }},
    {"sampling.top_k",
     [](const Field& f, Draft& d) {
       d.scenario.sampling.top_k = static_cast<std::int32_t>(f.integer(kTokenIdRange));
     }},
    {"sampling.top_p",
     [](const Field& f, Draft& d) {
       d.scenario.sampling.top_p = static_cast<float>(f.real({kLeastTopP, 1.0}));
     }},
    {"sampling.temperature",
     [](const Field& f, Draft& d) {
       d.scenario.sampling.temperature = static_cast<float>(f.real({0.0, 1000.0}));
     }},
    {"matrix.concurrency",
     [](const Field& f, Draft& d) { d.concurrency = read_list(f, kConcurrencyRange); }},
    {"matrix.prompt_tokens",
     [](const Field& f, Draft& d) { d.prompt_tokens = read_list(f, kTokensRange); }},
    {"matrix.completion_tokens",
     [](const Field& f, Draft& d) { d.completion_tokens = read_list(f, kTokensRange); }},
    {"measure.test_rounds",
     [](const Field& f, Draft& d) {
       d.scenario.measure.test_rounds = static_cast<std::uint32_t>(f.integer(kRoundsRange));
     }},
    {"measure.warmup_rounds",
     [](const Field& f, Draft& d) {
       d.scenario.measure.warmup_rounds =
           static_cast<std::uint32_t>(f.integer({0, kRoundsRange.max}));
     }},
    {"measure.interval_percent",
     [](const Field& f, Draft& d) {
       d.scenario.measure.test_limits.interval_percent = f.real({0.0, 100.0, true});
     }},
    {"measure.min_rounds",
     [](const Field& f, Draft& d) {
       d.scenario.measure.test_limits.min_rounds =
           static_cast<std::uint32_t>(f.integer(kRoundsRange));
     }},
    {"measure.max_rounds",
     [](const Field& f, Draft& d) {
       d.scenario.measure.test_limits.max_rounds =
           static_cast<std::uint32_t>(f.integer(kRoundsRange));
     }},
    {"measure.time_budget_s",
     [](const Field& f, Draft& d) {
       d.scenario.measure.test_limits.budget_s = f.real(kTimeoutRange);
     }},
    {"measure.warmup_max_rounds",
     [](const Field& f, Draft& d) {
       d.scenario.measure.warmup_limits.max_rounds =
           static_cast<std::uint32_t>(f.integer(kRoundsRange));
     }},
    {"measure.warmup_budget_s",
     [](const Field& f, Draft& d) {
       d.scenario.measure.warmup_limits.budget_s = f.real(kTimeoutRange);
     }},
    {"measure.round_mode",
     [](const Field& f, Draft& d) {
       d.scenario.measure.round_mode =
           f.choice({"barrier", "closed"}) == 0 ? RoundMode::barrier : RoundMode::closed;
     }},
    {"measure.isolate",
     [](const Field& f, Draft& d) {
       d.scenario.measure.isolate =
           f.choice({"run", "case"}) == 0 ? Isolate::run : Isolate::per_case;
     }},
    {"measure.case_timeout_s",
     [](const Field& f, Draft& d) { d.scenario.measure.case_timeout_s = f.real(kTimeoutRange); }},
    {"measure.stall_timeout_s",
     [](const Field& f, Draft& d) { d.scenario.measure.stall_timeout_s = f.real(kTimeoutRange); }},
    {"measure.load_stall_timeout_s",
     [](const Field& f, Draft& d) {
       d.scenario.measure.load_stall_timeout_s = f.real(kTimeoutRange);
     }},
    {"measure.strict", [](const Field& f, Draft& d) { d.scenario.measure.strict = f.boolean(); }},
    {"prompts.kind",
     [](const Field& f, Draft& d) {
       d.scenario.prompts.kind =
           std::array{PromptKind::distinct, PromptKind::same, PromptKind::legacy}.at(
               f.choice({"distinct", "same", "legacy"}));
     }},
    {"prompts.seed",
     [](const Field& f, Draft& d) {
       d.scenario.prompts.seed =
           static_cast<std::uint64_t>(f.integer({0, std::numeric_limits<std::int64_t>::max()}));
     }},
    {"prompts.vocab_size",
     [](const Field& f, Draft& d) {
       d.scenario.prompts.vocab_size =
           static_cast<std::uint32_t>(f.integer({1, kTokenIdRange.max}));
     }},
    {"prompts.exclude",
     [](const Field& f, Draft& d) {
       for (const std::int64_t id : f.integers(kTokenIdRange, kMostExclusions)) {
         d.scenario.prompts.exclude.push_back(static_cast<std::int32_t>(id));
       }
     }},
    {"telemetry.enabled",
     [](const Field& f, Draft& d) { d.scenario.telemetry.is_enabled = f.boolean(); }},
    {"telemetry.period_ms",
     [](const Field& f, Draft& d) {
       d.scenario.telemetry.period_ms = static_cast<std::uint32_t>(f.integer(kPeriodRange));
     }},
    {"telemetry.allow_foreign",
     [](const Field& f, Draft& d) { d.scenario.telemetry.allows_foreign = f.boolean(); }},
    {"output.csv", [](const Field& f, Draft& d) { d.scenario.output.csv = read_csv(f); }},
}};

}  // namespace

std::span<const Rule> scenario_rules() { return kRules; }

}  // namespace lmbench::scenario
