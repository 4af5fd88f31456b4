// One case from its first warm-up round to its last test round. It runs in phases, with nothing in
// flight between them: a full round, short rounds until the engine is steady, then the test, whose
// memory can be sized by what a round turned out to take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <optional>
#include <string>
#include <vector>

#include "run/driver.hpp"
#include "run/event_recorder.hpp"
#include "run/judgement.hpp"
#include "run/prompts.hpp"
#include "run/workload.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"
#include "sha256.hpp"
#include "stats/case_record.hpp"
#include "stats/stopping_rule.hpp"

namespace lmbench::run {

// What is asked of one case; all of it is borrowed for the call.
struct CaseOrder {
  const scenario::Case& shape;
  const scenario::Measure& measure;
  const scenario::Sampling& sampling;
  const scenario::Prompts& prompts;
  bool keeps_token_ids = false;
};

struct CaseRun {
  Judgement judgement;
  std::string prompts_sha256;  // of the prompts that were sent; empty: none could be made
  std::optional<stats::StopReason> stop_reason;  // of a case that ran to its end
  stats::CaseRecord record;                      // of what ran, complete or not
  std::vector<std::int32_t> token_ids;           // of the test requests in order, if asked for
};

// Written between rounds, for whoever wants to look.
struct TestProgress {
  std::atomic<bool> has_begun = false;           // the warm-up is over
  std::atomic<std::uint32_t> warmup_rounds = 0;  // then: that it took
  std::atomic<double> half_width_percent = 0;    // of output_tok_s so far; 0: none yet
};

class CaseRunner {
 public:
  // What the engine can do and what it says of its ids. vocabulary_tokens: 0 when not known.
  struct EngineTraits {
    bool has_token_ids = false;
    std::uint32_t vocabulary_tokens = 0;
  };

  // All of them must outlive it.
  CaseRunner(IGenerationEngine& engine, EventRecorder& recorder, const EngineTraits& traits,
             const CaseOrder& order, const PromptMaker& prompts, TestProgress& progress);

  // [control] Once. Throws Error when the case is too large to be recorded.
  CaseRun run();
 private:
  // False when the case is over: nothing that ran could have figures.
  bool warm_up();
  bool warm_up_until_steady();
  bool run_phase(const Phase& phase, const Driver::GoOn& go_on);
  Phase test_phase(std::uint32_t rounds) const;
  void test();
  void test_until_narrow();
  std::uint32_t rounds_to_prepare() const;
  void keep_token_ids(std::size_t requests);
  void take(Judgement judgement);

  IGenerationEngine& engine_;
  EventRecorder& recorder_;
  EngineTraits traits_;
  const CaseOrder& order_;
  const PromptMaker& prompts_;
  TestProgress& progress_;
  CaseRun result_;
  Sha256 prompts_sum_;
  bool has_begun_ = false;
  double full_round_ns_ = 0;  // a low guess of what one will take; 0: none has been
};

}  // namespace lmbench::run
