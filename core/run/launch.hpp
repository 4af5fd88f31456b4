// One engine from load to destruction, as the runner uses it: it runs cases, one after the other,
// and keeps what was observed. Sees the engine only as IGenerationEngine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <optional>
#include <string>
#include <vector>

#include "plugin/engine_handle.hpp"
#include "run/case_runner.hpp"
#include "run/event_recorder.hpp"
#include "run/judgement.hpp"
#include "run/prompts.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::run {

struct GenerateOrder {
  std::vector<std::int32_t> prompt;
  std::uint32_t max_new_tokens = 0;
  bool ignore_eos = false;
  scenario::Sampling sampling = {};
  std::uint64_t seed = 0;
};

struct Generated {
  Judgement judgement;
  std::vector<std::int32_t> tokens;
};

class Launch {
 public:
  // capabilities: of the plugin's descriptor. What the engine was made with must outlive this.
  Launch(plugin::EngineHandle engine, std::uint64_t capabilities,
         EventRecorder::Clock clock = &monotonic_now_ns);

  // [control] Once; on failure nothing but destruction may follow.
  Code load(ConfigView config, ErrorText* error);

  // [control] After load(). Throws only what the runner's own memory needs may throw.
  CaseRun run_case(const CaseOrder& order);
  Generated generate(const GenerateOrder& order);
  Judgement reset();

  IGenerationEngine& engine() noexcept { return *engine_; }
  // Of lmbench.model/1; empty when the engine does not tell.
  const std::optional<Vocabulary>& vocabulary() const noexcept { return vocabulary_; }

  // [any] How far the case is, warm-up included.
  std::uint64_t tokens_seen() const noexcept { return recorder_.tokens_seen(); }
  std::uint32_t rounds_ended() const noexcept;
  const TestProgress& test_progress() const noexcept { return test_progress_; }
 private:
  std::optional<std::string> missing_ability(const scenario::Sampling& sampling) const;
  CaseRunner::EngineTraits traits(const scenario::Prompts& prompts) const;

  std::uint64_t capabilities_;
  EventRecorder recorder_;
  std::optional<Vocabulary> vocabulary_;
  std::atomic<std::uint32_t> concurrency_ = 1;
  TestProgress test_progress_;
  plugin::EngineHandle engine_;  // ends first: its last events still reach the recorder
};

}  // namespace lmbench::run
