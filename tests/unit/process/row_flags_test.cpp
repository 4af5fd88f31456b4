// SPDX-License-Identifier: Apache-2.0
#include "process/row_flags.hpp"

#include <doctest/doctest.h>

using namespace lmbench;
using namespace lmbench::process;
using Flags = std::vector<std::string>;

namespace {

struct Setup {
  Flags flags() const {
    CaseResult result;
    result.load.emplace();
    result.load->model.emplace();
    result.load->model->vocabulary = vocabulary;
    scenario::Case plan_case{};
    plan_case.prompt_tokens = prompt_tokens;
    return row_flags(scenario, plan_case, result, metrics);
  }

  scenario::Scenario scenario;
  std::uint32_t vocabulary = 32000;
  std::uint32_t prompt_tokens = 128;
  stats::CaseMetrics metrics = [] {
    stats::CaseMetrics m;
    m.requests = 640;
    return m;
  }();
};

}  // namespace

TEST_CASE("one prompt for all is said") {
  Setup setup;
  CHECK(setup.flags().empty());
  setup.scenario.prompts.kind = scenario::PromptKind::same;
  CHECK(setup.flags() == Flags{"identical_prompts"});
  setup.scenario.prompts.kind = scenario::PromptKind::legacy;
  CHECK(setup.flags() == Flags{"identical_prompts"});
  setup.metrics.requests = 1;
  CHECK(setup.flags().empty());
}

TEST_CASE("distinct prompts from too few ids are likely to be the same") {
  Setup setup;
  setup.prompt_tokens = 2;
  setup.vocabulary = 639;  // 639^2 prompts, 640 requests
  CHECK(setup.flags() == Flags{"identical_prompts"});
  setup.vocabulary = 641;
  CHECK(setup.flags().empty());
  setup.scenario.prompts.exclude = {1, 2};
  CHECK(setup.flags() == Flags{"identical_prompts"});
  setup.scenario.prompts.vocab_size = 100'000;  // of a plugin that does not tell its own
  CHECK(setup.flags().empty());
}

TEST_CASE("prompts of one token have no prefill to be the same in, and unknown ids accuse nobody") {
  Setup setup;
  setup.vocabulary = 2;
  setup.prompt_tokens = 1;
  CHECK(setup.flags().empty());
  setup.prompt_tokens = 8;
  setup.vocabulary = 0;
  CHECK(setup.flags().empty());
}

TEST_CASE("rates that disagree by more than 5 % have a flag") {
  Setup setup;
  setup.metrics.rate_mismatch_percent = 5;
  CHECK(setup.flags().empty());
  setup.metrics.rate_mismatch_percent = 5.1;
  CHECK(setup.flags() == Flags{"rate_mismatch"});
}
