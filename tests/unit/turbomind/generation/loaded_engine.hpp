// What tests of whole generations share: the real engine with the CPU backend, used through the
// ABI alone, and the comparison of its tokens with the double-precision reference.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../engine/engine_fixture.hpp"
#include "reference_llama.hpp"
#include "reference_sampling.hpp"
#include "small_model.hpp"

namespace turbomind::test {

using lmbench::test::ReferenceLlama;
using lmbench::test::ReferenceSampling;
using lmbench::test::SmallModel;
using lmbench::test::SmallType;
using Tokens = std::vector<std::int32_t>;

// A host with the real clock, as executors read it themselves.
class ClockHost final : public lmbench::IHost {
 public:
  std::uint32_t abi_minor() noexcept override { return LMBENCH_ABI_MINOR; }
  std::uint64_t now_ns() noexcept override;
  void log(lmbench::LogLevel level, lmbench::StrView message) noexcept override;
  void* extension(lmbench::StrView /*id*/) noexcept override { return nullptr; }

  // How many warnings hold the text.
  int count_warnings(const std::string& text);
 private:
  std::mutex mutex_;
  std::vector<std::string> warnings_;
};

// A request and its sampling; lengths are exact unless is_open_ended.
struct Job {
  Tokens prompt;
  std::uint32_t new_tokens = 1;
  ReferenceSampling sampling = {};
  Tokens stop_tokens = {};
  bool ignores_eos = true;
  std::uint32_t min_new_tokens = 0;
};

// What load() said.
struct LoadOutcome {
  lmbench::Code code = lmbench::Code::ok;
  std::string text;

  bool is(lmbench::Code wanted, const std::string& part) const {
    return code == wanted && text.find(part) != std::string::npos;
  }
};

class LoadedEngine {
 public:
  using Create = std::function<lmbench::IGenerationEngine*(lmbench::IHost&)>;

  // Fails the test when the engine does not load.
  explicit LoadedEngine(const Options& options);
  LoadedEngine(const Create& create, const Options& options);

  // All in one submit(), to their ends, in the order of the jobs. Fails the test when one is
  // refused or the events of one break the rules.
  std::vector<RequestLog> run(const std::vector<Job>& jobs);

  // The tokens of each.
  std::vector<Tokens> generate(const std::vector<Job>& jobs);
  Tokens generate(const Job& job) { return generate(std::vector<Job>{job}).front(); }

  // Each in a submit() of its own, without waiting: they meet in the batch as they come.
  std::vector<Tokens> generate_staggered(const std::vector<Job>& jobs);

  LoadOutcome submit(const Job& job);  // whether it was taken
  double statistic(const std::string& name);
  void reset();  // must succeed
  ClockHost& host() { return host_; }
 private:
  lmbench::Request request_of(std::uint64_t id, const Job& job) const;
  std::vector<RequestLog> collect(std::uint64_t first_id, std::size_t count);

  struct Destroy {
    void operator()(lmbench::IGenerationEngine* engine) const { engine->destroy(); }
  };

  ClockHost host_;
  TestSink sink_;
  std::unique_ptr<lmbench::IGenerationEngine, Destroy> engine_;
  std::uint64_t last_id_ = 0;
};

// How a request under way, the first of the sink, ends where the device fails: once, as device_error.
// What the engine says of itself when asked for the request again.
std::string failure_of(Engine& engine, TestSink& sink, const lmbench::Request& request);

// Tries to load and forgets the engine.
LoadOutcome outcome_of_load(const Options& options);

// A written model directory with its reference.
Options options_for(const std::filesystem::path& model);

// Token ids that look random, the same every time; never a special token of a small model.
Tokens random_prompt(std::uint32_t length, std::uint32_t vocab_size, std::uint64_t seed);

// The lead from which on a token counts as decided, as a share of the logits' root mean square.
double tolerance_of(SmallType type);

// The engine's tokens held against the reference step by step: the reference is fed what the engine
// chose, so that one difference does not hide what comes after it.
struct Agreement {
  std::size_t steps = 0;
  std::size_t clear = 0;  // steps that no error within the tolerance decides otherwise
  std::size_t wrong = 0;  // clear steps with another token, or a token that is no near tie
  std::string first_wrong;

  double clear_share() const { return static_cast<double>(clear) / static_cast<double>(steps); }
  void add(const Agreement& other);
};

Agreement compare(const ReferenceLlama& reference, const Job& job, const Tokens& tokens,
                  double tolerance);
Agreement compare(const ReferenceLlama& reference, const std::vector<Job>& jobs,
                  const std::vector<Tokens>& tokens, double tolerance);

}  // namespace turbomind::test
