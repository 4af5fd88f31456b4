// Whole cases whose rounds take what a script says: which rounds there are, why they end, and what
// is left of them in the record.
// SPDX-License-Identifier: Apache-2.0
#include "run/case_runner.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "case_setup.hpp"
#include "stats/round_figures.hpp"
#include "stats/warmup_rule.hpp"

using namespace case_setup;
using scripted::end_of;
using scripted::ScriptedEngine;
using scripted::tokens_of;
using stats::StopReason;

namespace {

constexpr double kMs = 1e6;

std::atomic<std::uint64_t> now_ns{0};
std::uint64_t paced_clock() noexcept { return now_ns; }

// Of the round with this number, counted from the first one of the case.
using Pace = std::function<double(std::uint32_t round, std::uint32_t new_tokens)>;

// Answers a round when its time has passed, which is at once, and keeps what it was asked.
class PacedLaunch {
 public:
  explicit PacedLaunch(Pace pace) : pace_(std::move(pace)) {
    now_ns = 1'000'000;
    auto* engine = new ScriptedEngine(
        [this](ScriptedEngine& e, std::span<const Request> requests, std::uint32_t& accepted) {
          accepted = static_cast<std::uint32_t>(requests.size());
          answer(e, requests);
          return Code::ok;
        });
    launch_ =
        std::make_unique<run::Launch>(plugin::EngineHandle(engine), kPlainEngine, &paced_clock);
    launch_->load({nullptr, 0}, nullptr);
  }

  run::CaseRun run(const Setup& setup) { return run_on(*launch_, setup); }
  run::Launch& launch() { return *launch_; }
  std::string prompts_sha256() { return prompts_.hex_digest(); }

  std::function<void(ScriptedEngine&, const Request&, std::uint32_t round)> misbehave;
 private:
  void answer(ScriptedEngine& engine, std::span<const Request> requests) {
    const std::uint32_t round = rounds_++;
    now_ns += static_cast<std::uint64_t>(pace_(round, requests[0].max_new_tokens));
    for (const Request& request : requests) {
      const auto bytes = std::as_bytes(std::span(request.prompt.data, request.prompt.size));
      prompts_.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      if (misbehave) {
        misbehave(engine, request, round);
      } else {
        engine.deliver({end_of(request.id, request.max_new_tokens)});
      }
    }
  }

  Pace pace_;
  Sha256 prompts_;
  std::uint32_t rounds_ = 0;
  std::unique_ptr<run::Launch> launch_;
};

// A millisecond for each token.
double steady(std::uint32_t, std::uint32_t new_tokens) { return new_tokens * kMs; }

// Every other round is twice as slow: never steady enough for an interval, but for a warm-up.
double restless(std::uint32_t round, std::uint32_t) { return (round % 2 == 0 ? 20 : 10) * kMs; }

Setup open_case(std::uint32_t completion_tokens) {
  return {.concurrency = 2,
          .completion_tokens = completion_tokens,
          .warmup_rounds = {},
          .test_rounds = {}};
}

bool has_flag(const run::CaseRun& run, const std::string& flag) {
  const auto& flags = run.judgement.flags;
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

struct Rounds {
  std::vector<std::uint32_t> warmup_tokens, test_tokens;  // requested, by round
};

Rounds rounds_of(const stats::CaseRecord& record) {
  Rounds rounds;
  for (const auto& request : record.requests) {
    auto& tokens = request.is_warmup != 0 ? rounds.warmup_tokens : rounds.test_tokens;
    if (request.sequence == 0) {
      CHECK(request.round == tokens.size());
      tokens.push_back(request.requested_tokens);
    }
  }
  return rounds;
}

}  // namespace

TEST_CASE("a case is one full round, short rounds until it is steady, and full rounds that count") {
  PacedLaunch paced(steady);
  const auto run = paced.run(open_case(300));
  CHECK(status_of(run) == "ok");
  CHECK_FALSE(has_flag(run, "warmup_not_steady"));
  const Rounds rounds = rounds_of(run.record);
  CHECK(rounds.warmup_tokens == std::vector<std::uint32_t>{300, 128, 128, 128, 128, 128, 128});
  CHECK(rounds.test_tokens == std::vector<std::uint32_t>(6, 300));
  CHECK(run.stop_reason == StopReason::width);
  CHECK(run.record.requests.size() == 26);
  CHECK(run.record.events.size() == 26);
  for (std::uint32_t i = 0; i < 26; ++i) {
    CHECK(run.record.events[i].slot == i);
    CHECK(run.record.events[i].batch == i);
    CHECK(run.record.events[i].token_count == run.record.requests[i].requested_tokens);
  }
}

TEST_CASE("short rounds are no longer than full ones") {
  PacedLaunch paced(steady);
  const auto run = paced.run(open_case(5));
  CHECK(rounds_of(run.record).warmup_tokens == std::vector<std::uint32_t>(7, 5));
}

TEST_CASE("the hash is of the prompts that were sent, in every phase") {
  PacedLaunch paced(restless);
  Setup setup = open_case(4);
  setup.test_limits.max_rounds = 9;
  const auto run = paced.run(setup);
  CHECK(rounds_of(run.record).test_tokens.size() == 9);
  CHECK(run.prompts_sha256 == paced.prompts_sha256());
}

TEST_CASE("progress goes on counting from phase to phase") {
  PacedLaunch paced(steady);
  paced.run(open_case(300));
  CHECK(paced.launch().tokens_seen() == 2 * (300 + 6 * 128 + 6 * 300));
  CHECK(paced.launch().rounds_ended() == 13);
  CHECK(paced.launch().test_progress().has_begun.load());
  CHECK(paced.launch().test_progress().warmup_rounds.load() == 7);
  paced.run({.concurrency = 1, .completion_tokens = 4});
  CHECK(paced.launch().tokens_seen() == 4);
  CHECK(paced.launch().test_progress().warmup_rounds.load() == 0);
}

TEST_CASE("the warm-up series can be computed from the record, and gives the same decision") {
  PacedLaunch paced([](std::uint32_t round, std::uint32_t tokens) {
    return tokens * kMs * (1 + 2 * std::exp(-0.5 * round));
  });
  const auto run = paced.run(open_case(200));
  std::map<std::uint32_t, std::pair<std::uint64_t, std::uint64_t>> rounds;  // due, end
  for (const auto& event : run.record.events) {
    const auto& request = run.record.requests[event.slot];
    if (request.is_warmup != 0) rounds[request.round] = {request.due_ns, event.t_ns};
  }
  REQUIRE(rounds.size() > 7);
  stats::WarmupRule rule(20, 120e9);
  std::optional<stats::WarmupEnd> end;
  for (std::uint32_t round = 1; round < rounds.size(); ++round) {
    CHECK_FALSE(end);
    const auto& [due_ns, end_ns] = rounds[round];
    end = rule.after_round(static_cast<double>(end_ns - due_ns),
                           static_cast<double>(end_ns - rounds[0].first));
  }
  CHECK(end == stats::WarmupEnd::steady);
}

TEST_CASE("an engine that does not get steady is measured all the same, and its row is flagged") {
  const Pace slower_and_slower = [](std::uint32_t round, std::uint32_t) {
    return 1000 * kMs * std::pow(1.01, round);
  };
  PacedLaunch by_rounds(slower_and_slower);
  auto run = by_rounds.run(open_case(4));
  CHECK(status_of(run) == "ok");
  CHECK(has_flag(run, "warmup_not_steady"));
  CHECK(rounds_of(run.record).warmup_tokens.size() == 20);
  CHECK(rounds_of(run.record).test_tokens.size() >= 6);
  PacedLaunch by_time(slower_and_slower);
  Setup setup = open_case(4);
  setup.warmup_limits.budget_s = 3.5;
  run = by_time.run(setup);
  CHECK(has_flag(run, "warmup_not_steady"));
  CHECK(rounds_of(run.record).warmup_tokens.size() == 4);
  PacedLaunch at_once(slower_and_slower);
  setup.warmup_limits.budget_s = 0.5;
  run = at_once.run(setup);
  CHECK(has_flag(run, "warmup_not_steady"));
  CHECK(rounds_of(run.record).warmup_tokens.size() == 1);
}

TEST_CASE("many short rounds are prepared piece by piece") {
  PacedLaunch paced([](std::uint32_t round, std::uint32_t) { return kMs * std::pow(1.01, round); });
  Setup setup = open_case(4);
  setup.warmup_limits.max_rounds = 100;
  const auto run = paced.run(setup);
  CHECK(has_flag(run, "warmup_not_steady"));
  CHECK(rounds_of(run.record).warmup_tokens.size() == 100);
  CHECK(run.prompts_sha256 == paced.prompts_sha256());
}

TEST_CASE("the interval that ended the test is the one that the record gives") {
  PacedLaunch paced(
      [](std::uint32_t round, std::uint32_t) { return 10 * kMs * (1 + 0.01 * ((round * 7) % 5)); });
  const auto run = paced.run(open_case(4));
  CHECK(run.stop_reason == StopReason::width);
  const auto figures = stats::round_figures(run.record);
  REQUIRE(figures.output_tok_s);
  CHECK(figures.output_tok_s->half_width_percent <= 1);
  CHECK(figures.test_rounds > 6);
  CHECK(paced.launch().test_progress().half_width_percent.load() ==
        figures.output_tok_s->half_width_percent);
}

TEST_CASE("a restless engine stops at the most rounds, or with the round that uses up its time") {
  PacedLaunch by_rounds(restless);
  auto run = by_rounds.run(open_case(4));
  CHECK(run.stop_reason == StopReason::max_rounds);
  CHECK(rounds_of(run.record).test_tokens.size() == 50);
  PacedLaunch by_time(restless);
  Setup setup = open_case(4);
  setup.test_limits.budget_s = 0.070;  // 15 ms a round
  run = by_time.run(setup);
  CHECK(run.stop_reason == StopReason::budget);
  CHECK(rounds_of(run.record).test_tokens.size() == 5);
  CHECK(run.record.events.size() == run.record.requests.size());  // the last one ended, too
}

TEST_CASE("memory is taken for twice the rounds that the budget seems to hold, and no more") {
  // The test turns out to be ten times as fast as the warm-up said, and restless.
  PacedLaunch paced([](std::uint32_t round, std::uint32_t tokens) {
    return round < 7 ? 10 * kMs : restless(round, tokens) / 10;
  });
  Setup setup = open_case(4);
  setup.test_limits.budget_s = 0.1;
  const auto run = paced.run(setup);
  CHECK(rounds_of(run.record).test_tokens.size() == 21);
  CHECK(run.stop_reason == StopReason::budget);
}

TEST_CASE("a given number of rounds is kept, for the warm-up, the test or both") {
  const auto counts = [](std::optional<std::uint32_t> warmup, std::optional<std::uint32_t> test) {
    PacedLaunch paced(steady);
    const auto run =
        paced.run({.completion_tokens = 200, .warmup_rounds = warmup, .test_rounds = test});
    const Rounds rounds = rounds_of(run.record);
    CHECK((run.stop_reason == StopReason::fixed) == test.has_value());
    return std::pair(rounds.warmup_tokens, rounds.test_tokens.size());
  };
  using Tokens = std::vector<std::uint32_t>;
  CHECK(counts(2, 3) == std::pair(Tokens{200, 200}, std::size_t{3}));
  CHECK(counts(2, {}) == std::pair(Tokens{200, 200}, std::size_t{6}));
  CHECK(counts(0, {}) == std::pair(Tokens{}, std::size_t{6}));
  CHECK(counts({}, 3).second == 3);
  CHECK(counts({}, 3).first.size() == 7);
}

TEST_CASE("a failure in a short round ends the case and is told by its own length") {
  PacedLaunch paced(steady);
  paced.misbehave = [](ScriptedEngine& engine, const Request& request, std::uint32_t round) {
    engine.deliver({end_of(request.id, round == 3 ? 100 : request.max_new_tokens)});
  };
  const auto run = paced.run(open_case(300));
  CHECK(status_of(run) == "short_output");
  CHECK(reason_of(run) == "request 0 of warm-up round 3 ended after 100 of 128 tokens");
  CHECK_FALSE(run.stop_reason);
  CHECK(rounds_of(run.record).test_tokens.empty());
}

TEST_CASE("a token too many in a short round makes the case invalid, with figures of its test") {
  PacedLaunch paced(steady);
  paced.misbehave = [](ScriptedEngine& engine, const Request& request, std::uint32_t round) {
    engine.deliver({end_of(request.id, request.max_new_tokens + (round == 3 ? 1 : 0))});
  };
  const auto run = paced.run(open_case(300));
  CHECK(status_of(run) == "invalid");
  CHECK(reason_of(run) == "token_count");
  CHECK(rounds_of(run.record).test_tokens.size() == 6);
}

TEST_CASE("tokens of a warm-up request in the test are a broken contract") {
  PacedLaunch paced(steady);
  std::uint64_t of_warmup = 0;
  paced.misbehave = [&](ScriptedEngine& engine, const Request& request, std::uint32_t round) {
    if (round == 0) of_warmup = request.id;
    if (round == 8) engine.deliver({tokens_of(of_warmup, 1)});
    engine.deliver({end_of(request.id, request.max_new_tokens)});
  };
  const auto run = paced.run(open_case(4));
  CHECK(status_of(run) == "bad_plugin");
  CHECK(run.judgement.is_engine_broken);
}
