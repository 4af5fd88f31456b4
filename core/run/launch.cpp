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
  load.prompt_tokens = static_cast<std::uint32_t>(order.prompt.size());
  load.completion_tokens = order.max_new_tokens;
  load.test_rounds = 1;
  load.prompts = order.prompt;
  Request& request = load.requests.emplace_back();
  request.struct_size = sizeof(Request);
  request.flags = order.ignore_eos ? kIgnoreEos : 0;
  request.prompt = {load.prompts.data(), load.prompts.size()};
  request.max_new_tokens = order.max_new_tokens;
  set_sampling(request, order.sampling, order.seed);
  stats::RequestRecord& record = load.table.emplace_back();
  record.prompt_tokens = load.prompt_tokens;
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
  CaseRun result;
  result.record.concurrency = order.shape.concurrency;
  result.record.prompt_tokens = order.shape.prompt_tokens;
  result.record.completion_tokens = order.shape.completion_tokens;
  result.record.is_barrier = order.measure.round_mode == scenario::RoundMode::barrier;
  if (const auto missing = missing_ability(order.sampling)) {
    result.judgement = unsupported(*missing);
    return result;
  }
  try {
    const PromptMaker prompts(order.prompts, vocabulary_);
    Workload load = make_workload(order.shape, order.measure, order.sampling, prompts);
    run_workload(order, load, result);
  } catch (const Error& e) {  // such prompts cannot be made
    result.judgement = unsupported(e.what());
  }
  return result;
}

void Launch::begin(const Workload& load) {
  recorder_.begin_case({.requests = static_cast<std::uint32_t>(load.requests.size()),
                        .tokens_per_request = load.completion_tokens,
                        .has_token_ids = (capabilities_ & kCapTokenIds) != 0});
  concurrency_.store(load.concurrency, std::memory_order_relaxed);
}

void Launch::run_workload(const CaseOrder& order, Workload& load, CaseRun& result) {
  begin(load);
  Driver driver(*engine_, recorder_, load, order.measure.round_mode);
  const std::optional<Stop> stop = driver.run();
  result.prompts_sha256 = std::move(load.prompts_sha256);
  result.record.requests = std::move(load.table);
  recorder_.end_case(result.record);
  std::uint32_t ids = order.prompts.vocab_size.value_or(0);
  if (vocabulary_ && vocabulary_->tokens != 0) ids = vocabulary_->tokens;
  result.judgement = judge(stop, driver.refusal_text(), recorder_, result.record, ids);
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
  begin(load);
  Driver driver(*engine_, recorder_, load, scenario::RoundMode::barrier);
  std::optional<Stop> stop = driver.run();
  if (stop && stop->cause == Stop::Cause::short_output) stop.reset();  // the end of the text
  stats::CaseRecord record;
  record.requests = std::move(load.table);
  recorder_.end_case(record);
  Generated result;
  result.judgement = judge(stop, driver.refusal_text(), recorder_, record, 0);
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
