// What the user asked for, after reading and checking: plain values, no defaults left open.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lmbench::scenario {

// A leaf of [engine.options], its path dotted. What becomes a ConfigEntry of the ABI.
using OptionValue = std::variant<bool, std::int64_t, double, std::string>;
using Options = std::vector<std::pair<std::string, OptionValue>>;

// barrier: all requests of a round are released together, the next round starts after the last of
// them ended. closed: N clients, each sends its next request when its previous one ended.
enum class RoundMode { barrier, closed };

// run: one load for all cases, reset() between them. per_case: a fresh worker process per case.
enum class Isolate { run, per_case };

// distinct: a prompt per (round, sequence). same: one prompt for all. legacy: one prompt with ids
// in [0, 101), as profile_generation.py made it.
enum class PromptKind { distinct, same, legacy };

struct Engine {
  std::string plugin;  // a name, or a path to a .so
  Options options;
  std::map<std::string, std::string> environment;  // of the worker, added to ours
  // What one device can do at most, by its data sheet; in place of what the engine says.
  std::optional<double> device_peak_bytes_per_s;
  std::optional<double> device_peak_flops_per_s;
  std::string cpus;         // "0-3,8": the worker runs on these alone; empty: on all
  bool is_checked = false;  // under the watch of its contract, which costs time

  bool operator==(const Engine&) const = default;
};

struct Sampling {
  std::int32_t top_k = 1;
  float top_p = 1.0F;
  float temperature = 1.0F;

  bool operator==(const Sampling&) const = default;
};

struct LengthPair {
  std::uint32_t prompt_tokens;
  std::uint32_t completion_tokens;

  bool operator==(const LengthPair&) const = default;
};

struct Matrix {
  std::vector<std::uint32_t> concurrency;
  std::vector<LengthPair> lengths;  // zip(prompt_tokens, completion_tokens)

  bool operator==(const Matrix&) const = default;
};

// What ends a warm-up that has no given number of rounds, if the engine does not get steady.
struct WarmupLimits {
  std::uint32_t max_rounds = 20;
  double budget_s = 120.0;

  bool operator==(const WarmupLimits&) const = default;
};

// What ends a test that has no given number of rounds.
struct TestLimits {
  double interval_percent = 1.0;  // half-width of the 95 % interval that is narrow enough
  std::uint32_t min_rounds = 6;
  std::uint32_t max_rounds = 50;
  double budget_s = 120.0;

  bool operator==(const TestLimits&) const = default;
};

struct Measure {
  // So many full rounds. None, with barrier rounds only: warm-up until the engine is steady, test
  // until the interval is narrow.
  std::optional<std::uint32_t> warmup_rounds;
  std::optional<std::uint32_t> test_rounds;
  WarmupLimits warmup_limits;
  TestLimits test_limits;
  RoundMode round_mode = RoundMode::barrier;
  Isolate isolate = Isolate::run;
  std::optional<double> case_timeout_s;  // none: a case may take as long as it makes progress
  double stall_timeout_s = 120.0;        // without a token; while loading: load_stall_timeout_s
  double load_stall_timeout_s = 1800.0;
  bool strict = false;  // warnings about a case are failures of the case

  bool operator==(const Measure&) const = default;
};

struct Prompts {
  PromptKind kind = PromptKind::distinct;
  std::uint64_t seed = 0;
  std::optional<std::uint32_t> vocab_size;  // for a plugin without lmbench.model/1
  std::vector<std::int32_t> exclude;        // besides the model's special ids

  bool operator==(const Prompts&) const = default;
};

struct Telemetry {
  bool is_enabled = true;
  std::uint32_t period_ms = 200;
  bool allows_foreign = false;  // other processes on the devices in use

  bool operator==(const Telemetry&) const = default;
};

struct Output {
  std::optional<std::string> csv;  // the 12 legacy columns alone; none: no such file

  bool operator==(const Output&) const = default;
};

// One build or set of options of an A/B session, as far as it differs from [engine].
struct Variant {
  std::string name;
  std::string plugin;  // empty: that of [engine]
  Options options;     // in place of those of the same name, or added
  std::map<std::string, std::string> environment;
  std::string cpus;  // "0-3,8": the worker runs on these alone; empty: on all

  bool operator==(const Variant&) const = default;
};

// fresh: each arm of a round in a new process. resident: processes live for the whole session.
enum class AbMode { fresh, resident };

enum class SameOutput { flag, require, off };

struct Ab {
  std::optional<std::uint32_t> rounds = 18;  // none ("auto"): until the intervals are narrow
  std::uint32_t max_rounds = 48;             // of "auto"
  std::vector<std::string> gate = {"output_tok_s"};
  double min_effect_percent = 0.3;  // smaller differences are never called
  double detect_percent = 1.0;      // the size that must not be missed
  AbMode mode = AbMode::fresh;
  SameOutput same_output = SameOutput::flag;
  std::optional<std::uint64_t> seed;  // of the order; none: drawn when the session begins

  bool operator==(const Ab&) const = default;
};

struct Scenario {
  std::string name;
  Engine engine;
  Sampling sampling;
  Matrix matrix;
  Measure measure;
  Prompts prompts;
  Telemetry telemetry;
  Output output;
  Ab ab;
  std::vector<Variant> variants;  // the base first
  std::string source_path;        // absolute path of the file, empty when there is none
  std::string resolved_toml;      // canonical text: reading it gives the same Scenario again

  bool operator==(const Scenario&) const = default;
};

}  // namespace lmbench::scenario
