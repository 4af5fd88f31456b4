// SPDX-License-Identifier: Apache-2.0
#include "run/launch.hpp"

#include <lmbench/ext/model.hpp>
#include <utility>

#include "error.hpp"
#include "run/driver.hpp"

namespace lmbench::run {
namespace {

std::optional<Vocabulary> ask_vocabulary(IGenerationEngine& engine) {
  auto* model = plugin::extension_of<IModel>(engine, "lmbench.model/1");
  ModelInfo info{};
  if (model == nullptr || model->info(&info, nullptr) != Code::ok) return std::nullopt;
  const TokenView& special = info.special_tokens;
  return Vocabulary{info.vocabulary, {special.data, special.data + special.size}};
}

Judgement unsupported(const std::string& sentence) {
  return {{Status::unsupported, sentence}, {}, false};
}

// A round of one request that may end when the model ends it.
Workload single_request(const GenerateOrder& order) {
  Workload load;
  load.concurrency = 1;
  load.completion_tokens = order.max_new_tokens;
  load.rounds = 1;
  load.prompts = order.prompt;
  Request& request = load.requests.emplace_back();
  request.struct_size = sizeof(Request);
  request.flags = order.ignore_eos ? kIgnoreEos : 0;
  request.prompt = {load.prompts.data(), load.prompts.size()};
  request.max_new_tokens = order.max_new_tokens;
  set_sampling(request, order.sampling, order.seed);
  stats::RequestRecord& record = load.table.emplace_back();
  record.prompt_tokens = static_cast<std::uint32_t>(order.prompt.size());
  record.requested_tokens = order.max_new_tokens;
  return load;
}

}  // namespace

Launch::Launch(plugin::EngineHandle engine, std::uint64_t capabilities, EventRecorder::Clock clock)
    : capabilities_(capabilities), recorder_(clock), engine_(std::move(engine)) {}

Code Launch::load(ConfigView config, ErrorText* error) {
  const Code code = engine_->load(config, &recorder_, error);
  if (code == Code::ok) vocabulary_ = ask_vocabulary(*engine_);
  return code;
}

CaseRun Launch::run_case(const CaseOrder& order) {
  CaseRun refused;
  if (const auto missing = missing_ability(order.sampling)) {
    refused.judgement = unsupported(*missing);
    return refused;
  }
  try {
    const PromptMaker prompts(order.prompts, vocabulary_);
    concurrency_.store(order.shape.concurrency, std::memory_order_relaxed);
    return CaseRunner(*engine_, recorder_, traits(order.prompts), order, prompts, test_progress_)
        .run();
  } catch (const Error& e) {  // such prompts cannot be made, or not so many
    refused.judgement = unsupported(e.what());
  }
  return refused;
}

CaseRunner::EngineTraits Launch::traits(const scenario::Prompts& prompts) const {
  CaseRunner::EngineTraits traits{.has_token_ids = (capabilities_ & kCapTokenIds) != 0,
                                  .vocabulary_tokens = prompts.vocab_size.value_or(0)};
  if (vocabulary_ && vocabulary_->tokens != 0) traits.vocabulary_tokens = vocabulary_->tokens;
  return traits;
}

std::optional<std::string> Launch::missing_ability(const scenario::Sampling& sampling) const {
  if ((capabilities_ & kCapFixedLength) == 0) {
    return "this plugin does not claim kCapFixedLength: it may end a request early, so that its "
           "times would not compare";
  }
  if ((capabilities_ & kCapSampling) == 0 && !is_greedy(sampling)) {
    return "this plugin does not claim kCapSampling; set sampling.top_k = 1";
  }
  return std::nullopt;
}

Generated Launch::generate(const GenerateOrder& order) {
  if ((capabilities_ & kCapTokenIds) == 0) {
    return {unsupported("this plugin does not claim kCapTokenIds: there is nothing to show"), {}};
  }
  if (order.ignore_eos && (capabilities_ & kCapFixedLength) == 0) {
    return {unsupported("this plugin does not claim kCapFixedLength, so that it cannot ignore the "
                        "end of the text"),
            {}};
  }
  Workload load = single_request(order);
  concurrency_.store(1, std::memory_order_relaxed);
  recorder_.begin_phase(
      {.requests = 1, .tokens_per_request = load.completion_tokens, .has_token_ids = true});
  Driver driver(*engine_, recorder_, load, scenario::RoundMode::barrier);
  std::optional<Stop> stop = driver.run();
  if (stop && stop->cause == Stop::Cause::short_output) stop.reset();  // the end of the text
  stats::CaseRecord record;
  record.requests = std::move(load.table);
  recorder_.end_phase(record);
  Generated result;
  result.judgement = judge(stop, driver.refusal_text(), recorder_, record, 0, 0);
  if (result.judgement.outcome.reason == "cached_prompts") result.judgement.outcome = {};
  const auto ids = recorder_.token_ids(0);
  result.tokens.assign(ids.begin(), ids.end());
  return result;
}

Judgement Launch::reset() {
  plugin::ErrorSpace error;
  const Code code = engine_->reset(error.out());
  if (code == Code::ok) return {};
  return judge_failure(code, "reset() failed with " + plugin::name_of(code) + ": " + error.text());
}

std::uint32_t Launch::rounds_ended() const noexcept {
  return recorder_.requests_ended() / concurrency_.load(std::memory_order_relaxed);
}

}  // namespace lmbench::run
