// Whole cases on scripted engines: what becomes of what an engine does wrong.
// SPDX-License-Identifier: Apache-2.0
#include "run/launch.hpp"

#include <doctest/doctest.h>

#include "case_setup.hpp"

using namespace case_setup;
using scripted::end_of;
using scripted::ScriptedEngine;
using scripted::tokens_of;
using Ids = std::vector<std::int32_t>;
using Flags = std::vector<std::string>;

namespace {

using Deliver = std::function<void(ScriptedEngine&, const Request&)>;

// Takes all and lets `deliver` answer each request within submit().
ScriptedEngine::Submit answering(Deliver deliver) {
  return [deliver](ScriptedEngine& engine, std::span<const Request> requests,
                   std::uint32_t& accepted) {
    accepted = static_cast<std::uint32_t>(requests.size());
    for (const Request& request : requests) deliver(engine, request);
    return Code::ok;
  };
}

void one_token_each(ScriptedEngine& engine, const Request& request) {
  for (std::uint32_t i = 1; i < request.max_new_tokens; ++i) {
    engine.deliver({tokens_of(request.id, 1)});
  }
  engine.deliver({end_of(request.id, 1)});
}

run::CaseRun run_with(const Deliver& deliver, std::uint64_t capabilities = kPlainEngine) {
  ScriptedLaunch scripted(answering(deliver), {}, capabilities);
  return scripted.run({});
}

}  // namespace

TEST_CASE("a case that goes well is ok and its record complete") {
  ScriptedLaunch scripted(answering(one_token_each));
  const auto run = scripted.run(
      {.concurrency = 2, .completion_tokens = 3, .warmup_rounds = 1, .test_rounds = 2});
  CHECK(status_of(run) == "ok");
  CHECK(reason_of(run).empty());
  CHECK(run.judgement.flags.empty());
  CHECK(run.record.concurrency == 2);
  CHECK(run.record.completion_tokens == 3);
  CHECK(run.record.is_barrier);
  CHECK(run.record.requests.size() == 6);
  CHECK(run.record.events.size() == 18);
  CHECK(run.prompts_sha256.size() == 64);
  CHECK(scripted.launch().tokens_seen() == 18);
  CHECK(scripted.launch().rounds_ended() == 3);
}

TEST_CASE("several tokens in an event of the test set the flag coalesced") {
  const auto run = run_with([](ScriptedEngine& engine, const Request& request) {
    engine.deliver({tokens_of(request.id, 2)});
    engine.deliver({end_of(request.id, 2)});
  });
  CHECK(status_of(run) == "ok");
  CHECK(run.judgement.flags == Flags{"coalesced"});
}

TEST_CASE("fewer tokens than asked for are short output") {
  const auto run = run_with([](ScriptedEngine& engine, const Request& request) {
    engine.deliver({end_of(request.id, 3, Finish::stop)});
  });
  CHECK(status_of(run) == "short_output");
  CHECK(reason_of(run) == "request 0 of round 0 ended after 3 of 4 tokens");
}

TEST_CASE("one token too many makes the case invalid") {
  const auto run = run_with([](ScriptedEngine& engine, const Request& request) {
    engine.deliver({end_of(request.id, 5)});
  });
  CHECK(status_of(run) == "invalid");
  CHECK(reason_of(run) == "token_count");
}

TEST_CASE("token ids outside of the vocabulary make the case invalid") {
  const auto outcome = [](std::int32_t odd) {
    const Ids ids = {0, 999, odd, 1};
    return run_with(
        [&ids](ScriptedEngine& engine, const Request& request) {
          Event event = end_of(request.id, 4);
          event.tokens = ids.data();
          engine.deliver({event});
        },
        kPlainEngine | kCapTokenIds);
  };
  CHECK(status_of(outcome(5)) == "ok");
  CHECK(reason_of(outcome(1000)) == "token_ids");
  CHECK(reason_of(outcome(-1)) == "token_ids");
}

TEST_CASE("prompt tokens that came from a cache make the case invalid") {
  const auto run = run_with([](ScriptedEngine& engine, const Request& request) {
    Event event = end_of(request.id, 4);
    event.cached_prompt_tokens = 1;
    engine.deliver({event});
  });
  CHECK(status_of(run) == "invalid");
  CHECK(reason_of(run) == "cached_prompts");
}

TEST_CASE("a broken contract is a bad plugin, whatever else happened") {
  const auto twice = run_with([](ScriptedEngine& engine, const Request& request) {
    engine.deliver({end_of(request.id, 4)});
    engine.deliver({end_of(request.id, 0)});
  });
  CHECK(status_of(twice) == "bad_plugin");
  CHECK(reason_of(twice) == "the engine sent 2 events of requests that had already ended");
  CHECK(twice.judgement.is_engine_broken);
  const auto invented = run_with([](ScriptedEngine& engine, const Request& request) {
    engine.deliver({tokens_of(12345, 1), end_of(request.id, 4)});
  });
  CHECK(status_of(invented) == "bad_plugin");
  const auto short_and_twice = run_with([](ScriptedEngine& engine, const Request& request) {
    engine.deliver({end_of(request.id, 1), end_of(request.id, 1)});
  });
  CHECK(status_of(short_and_twice) == "bad_plugin");
}

TEST_CASE("events of refused requests are a bad plugin") {
  ScriptedLaunch scripted(
      [](ScriptedEngine& engine, std::span<const Request> requests, std::uint32_t& accepted) {
        accepted = 0;
        engine.deliver({end_of(requests[0].id, 4)});
        return Code::overloaded;
      });
  CHECK(status_of(scripted.run({})) == "bad_plugin");
}

TEST_CASE("codes of failed requests become statuses, and some of them break the engine") {
  const auto outcome = [](Code code) {
    return run_with([code](ScriptedEngine& engine, const Request& request) {
      engine.deliver({scripted::failure_of(request.id, code)});
    });
  };
  CHECK(status_of(outcome(Code::out_of_memory)) == "oom");
  CHECK_FALSE(outcome(Code::out_of_memory).judgement.is_engine_broken);
  CHECK(status_of(outcome(Code::unsupported)) == "unsupported");
  for (const Code code : {Code::device_error, Code::internal, Code::deadline}) {
    CHECK(status_of(outcome(code)) == "crash");
    CHECK(outcome(code).judgement.is_engine_broken);
    CHECK(reason_of(outcome(code)).find(plugin::name_of(code)) != std::string::npos);
  }
}

TEST_CASE("a plugin is not asked for what it does not claim") {
  ScriptedLaunch no_length(answer_at_once, {}, 0);
  CHECK(status_of(no_length.run({})) == "unsupported");
  ScriptedLaunch greedy_only(answer_at_once);
  CHECK(status_of(greedy_only.run({.sampling = {40, 1.0F, 1.0F}})) == "unsupported");
  CHECK(greedy_only.engine().submits.empty());
  ScriptedLaunch sampling(answer_at_once, {}, kPlainEngine | kCapSampling);
  CHECK(status_of(sampling.run({.sampling = {40, 1.0F, 1.0F}})) == "ok");
}

TEST_CASE("an engine without a vocabulary needs prompts.vocab_size") {
  ScriptedLaunch scripted(answer_at_once);
  const scenario::Case shape{0, "01", 1, 1, 1};
  const auto run = scripted.launch().run_case({shape, {}, {}, {}});
  CHECK(status_of(run) == "unsupported");
  CHECK(reason_of(run).find("prompts.vocab_size") != std::string::npos);
}

TEST_CASE("after a case that failed the next one starts clean") {
  int calls = 0;
  ScriptedLaunch scripted(answering([&calls](ScriptedEngine& engine, const Request& request) {
    engine.deliver({end_of(request.id, ++calls == 1 ? 1 : 4)});
  }));
  CHECK(status_of(scripted.run({})) == "short_output");
  const auto run = scripted.run({.concurrency = 5, .completion_tokens = 4, .test_rounds = 3});
  CHECK(status_of(run) == "ok");
  CHECK(run.record.events.size() == 15);
}

TEST_CASE("generate gives the ids of one prompt, and an early end is no fault") {
  const Ids ids = {5, 6, 7};
  Request seen{};
  ScriptedLaunch scripted(answering([&](ScriptedEngine& engine, const Request& request) {
                            seen = request;
                            Event event = end_of(request.id, 3, Finish::stop);
                            event.tokens = ids.data();
                            engine.deliver({event});
                          }),
                          {}, kPlainEngine | kCapTokenIds);
  const auto generated = scripted.launch().generate(
      {.prompt = {1, 2}, .max_new_tokens = 10, .ignore_eos = false, .sampling = {}, .seed = 3});
  CHECK(generated.judgement.outcome.status == run::Status::ok);
  CHECK(generated.tokens == ids);
  CHECK(seen.prompt.size == 2);
  CHECK(seen.flags == 0);
  CHECK(seen.min_new_tokens == 0);
  CHECK(seen.max_new_tokens == 10);
  CHECK(seen.seed == 3);
}

TEST_CASE("generate needs an engine that tells its token ids") {
  ScriptedLaunch scripted(answer_at_once);
  const auto generated = scripted.launch().generate({.prompt = {1}, .max_new_tokens = 1});
  CHECK(generated.judgement.outcome.status == run::Status::unsupported);
}
