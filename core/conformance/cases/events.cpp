// What the events of each request must add up to.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <lmbench/ext/model.hpp>
#include <thread>

#include "clock.hpp"
#include "conformance/test_engine.hpp"

namespace lmbench::conformance {
namespace {

using plugin::ContractRule;
using plugin::name_of;

// Sixteen requests of different lengths, twice eight at once, the last one far longer: some steps
// are in the middle of a request, others end one.
void run_mixed(TestEngine& engine) {
  engine.must_load();
  for (int round = 0; round < 2; ++round) {
    std::vector<Ask> asks;
    for (std::uint32_t i = 0; i < 8; ++i) {
      asks.push_back(
          {.prompt_tokens = 1 + 3 * i, .min_new_tokens = 1 + 2 * i, .max_new_tokens = 1 + 2 * i});
    }
    asks.back().min_new_tokens = asks.back().max_new_tokens = 48;
    engine.must_submit(asks);
    engine.must_end();
  }
}

Finding about_mixed(const Subject& subject, ContractRule rule, const char* all_is_well) {
  TestEngine engine(subject);
  run_mixed(engine);
  return engine.about(rule, all_is_well);
}

Finding one_terminal(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  std::uint64_t cancelled = 0;
  for (int round = 0; round < 3; ++round) {
    cancelled =
        engine.must_submit(std::vector<Ask>(8, {.min_new_tokens = 12, .max_new_tokens = 12}));
    engine.engine().cancel(cancelled);
    if (!engine.wait_for_ends()) {
      return fail("24 requests were accepted in three batches, and some did not end in time");
    }
  }
  return engine.about(ContractRule::one_terminal,
                      "24 requests ended once each, cancelled ones too");
}

// What no engine may take, one wrong at a time, with the code that it asks for.
struct Refused {
  const char* what;
  Code code;
  void (*spoil)(Request&);
};

constexpr std::array<Refused, 5> kRefused = {{
    {"the id 0", Code::invalid_argument, [](Request& r) { r.id = 0; }},
    {"an empty prompt", Code::invalid_argument, [](Request& r) { r.prompt.size = 0; }},
    {"max_new_tokens of 0", Code::invalid_argument, [](Request& r) { r.max_new_tokens = 0; }},
    {"min_new_tokens above max_new_tokens", Code::invalid_argument,
     [](Request& r) { r.min_new_tokens = r.max_new_tokens + 1; }},
    {"an unknown flag", Code::unsupported, [](Request& r) { r.flags |= 1U << 30U; }},
}};

Finding none_for_refused(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  const std::array<std::int32_t, 4> prompt = {5, 6, 7, 8};
  for (const Refused& refused : kRefused) {
    Request request{};
    request.struct_size = sizeof(Request);
    request.id = 1;
    request.prompt = {prompt.data(), prompt.size()};
    request.max_new_tokens = 4;
    request.top_p = 1;
    request.top_k = 1;
    refused.spoil(request);
    const Answered answered = engine.submit_raw(request);
    const std::string what = std::string("a request with ") + refused.what;
    if (answered.accepted != 0) return fail(what + " was accepted");
    if (answered.code != refused.code) {
      return fail(what + " gave " + name_of(answered.code) + ", not " + name_of(refused.code));
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return engine.about(ContractRule::none_for_refused,
                      "five wrong requests were refused, and none of them got an event");
}

Finding in_order(const Subject& subject) {
  return about_mixed(subject, ContractRule::in_order,
                     "events came one by one, the terminal ones last");
}

Finding counts_add_up(const Subject& subject) {
  return about_mixed(subject, ContractRule::counts_add_up,
                     "the tokens of 16 requests add up to what they asked for");
}

Finding min_and_max_tokens(const Subject& subject) {
  TestEngine engine(subject);
  engine.require(kCapFixedLength, "fixed_length");
  engine.must_load();
  engine.must_submit(std::vector<Ask>(
      8, {.min_new_tokens = 6, .max_new_tokens = 24, .flags = 0}));  // where it likes to stop
  engine.must_end();
  return engine.about(ContractRule::min_and_max_tokens,
                      "no request stopped before its least length");
}

Finding stop_token_ends_and_counts(const Subject& subject) {
  TestEngine engine(subject);
  engine.require(kCapStopTokens, "stop_tokens");
  engine.require(kCapTokenIds, "token_ids");
  engine.require(kCapRepeatable, "repeatable");
  engine.must_load();
  const std::vector<std::int32_t> prompt = {5, 6, 7, 8, 9, 10, 11, 12};
  const auto first =
      engine.must_submit({{.min_new_tokens = 16, .max_new_tokens = 16, .prompt = prompt}});
  engine.must_end();
  const auto free = engine.tokens_of(first);
  if (free.size() < 4) return skip("the engine made fewer than four tokens");
  const std::int32_t stop = free[3];
  const auto expected =
      static_cast<std::size_t>(std::find(free.begin(), free.end(), stop) - free.begin()) + 1;
  const auto second = engine.must_submit(
      {{.min_new_tokens = 0, .max_new_tokens = 16, .prompt = prompt, .stop_tokens = {stop}}});
  engine.must_end();
  const auto stopped = engine.tokens_of(second);
  if (engine.finish_of(second) != Finish::stop) {
    return fail("a request did not end at its stop token");
  }
  if (stopped.size() == expected && stopped.back() == stop) {
    return pass("the stop token ended its request, and was delivered and counted");
  }
  return fail("a request whose token " + std::to_string(expected) + " is its stop token got " +
              std::to_string(stopped.size()) + " tokens");
}

Finding ignore_eos(const Subject& subject) {
  TestEngine engine(subject);
  engine.require(kCapFixedLength, "fixed_length");
  engine.must_load();
  const auto first =
      engine.must_submit(std::vector<Ask>(8, {.min_new_tokens = 64, .max_new_tokens = 64}));
  engine.must_end();
  for (std::uint64_t id = first; id < first + 8; ++id) {
    if (engine.finish_of(id) == Finish::length) continue;
    return fail("a request with kIgnoreEos ended before its length");
  }
  return pass("eight requests with kIgnoreEos went on to their length");
}

std::vector<std::int32_t> special_tokens(TestEngine& engine) {
  auto* const model = plugin::extension_of<IModel>(engine.engine(), "lmbench.model/1");
  ModelInfo info{};
  if (model == nullptr || model->info(&info, nullptr) != Code::ok) return {};
  return {info.special_tokens.data, info.special_tokens.data + info.special_tokens.size};
}

Finding at_most_one_eos(const Subject& subject) {
  TestEngine engine(subject);
  engine.require(kCapTokenIds, "token_ids");
  engine.must_load();
  const auto special = special_tokens(engine);
  if (special.empty()) return skip("the engine does not name its special tokens");
  const auto first = engine.must_submit(
      std::vector<Ask>(8, {.min_new_tokens = 0, .max_new_tokens = 128, .flags = 0}));
  engine.must_end();
  for (std::uint64_t id = first; id < first + 8; ++id) {
    const auto tokens = engine.tokens_of(id);
    if (engine.finish_of(id) != Finish::stop || tokens.empty()) continue;
    if (std::find(tokens.begin(), tokens.end() - 1, tokens.back()) == tokens.end() - 1) continue;
    return fail("a request made its end-of-text token twice");
  }
  return pass("a request ended at its first end-of-text token, or had none");
}

Finding cached_on_first_only(const Subject& subject) {
  return about_mixed(subject, ContractRule::cached_on_first_only,
                     "cached_prompt_tokens and admitted_ns stand on first events alone");
}

Finding fields_as_declared(const Subject& subject) {
  return about_mixed(subject, ContractRule::fields_as_declared,
                     "reserved fields are zero, and each reason goes with its kind");
}

Finding engine_time_inside(const Subject& subject) {
  TestEngine engine(subject);
  engine.require(kCapEngineTime, "engine_time");
  engine.must_load();
  const std::uint64_t begin_ns = monotonic_now_ns();
  const auto first = engine.must_submit(std::vector<Ask>(4, Ask{}));
  engine.must_end();
  for (std::uint64_t id = first; id < first + 4; ++id) {
    for (const SeenEvent& seen : engine.events_of(id)) {
      for (const std::uint64_t ns : {seen.event.engine_ns, seen.event.admitted_ns}) {
        if (ns == 0 || (begin_ns <= ns && ns <= seen.at_ns)) continue;
        return fail("a time of the engine does not lie between submit() and the event's arrival");
      }
    }
  }
  return pass("times of the engine lie between submit() and the arrival of their events");
}

Finding none_after_destroy(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  engine.must_submit(std::vector<Ask>(4, Ask{}));
  engine.must_end();
  engine.must_submit(std::vector<Ask>(4, {.min_new_tokens = 100, .max_new_tokens = 100}));
  engine.destroy();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  return engine.about(ContractRule::none_after_destroy, "no event came after destroy()");
}

constexpr std::array<CheckCase, 12> kCases = {{
    {"events/one-terminal", "each accepted request ends exactly once", one_terminal},
    {"events/none-for-refused", "wrong requests are refused with the right code and get no event",
     none_for_refused},
    {"events/in-order", "events of a request come in order, one at a time, the terminal one last",
     in_order},
    {"events/counts-add-up", "token counts add up to what was asked for", counts_add_up},
    {"events/min-and-max-tokens", "a request does not stop before min_new_tokens",
     min_and_max_tokens},
    {"events/stop-token-ends-and-counts", "a stop token ends its request and is counted",
     stop_token_ends_and_counts},
    {"events/ignore-eos", "with kIgnoreEos a request goes on to its length", ignore_eos},
    {"events/at-most-one-eos", "the first end-of-text token ends a request", at_most_one_eos},
    {"events/cached-on-first-only", "what belongs on the first event stands there alone",
     cached_on_first_only},
    {"events/fields-as-declared", "reserved fields are zero, reasons go with kinds",
     fields_as_declared},
    {"events/engine-time-inside", "times lie between submit() and arrival", engine_time_inside},
    {"events/none-after-destroy", "no event comes after destroy()", none_after_destroy},
}};

}  // namespace

std::span<const CheckCase> events_cases() { return kCases; }

}  // namespace lmbench::conformance
