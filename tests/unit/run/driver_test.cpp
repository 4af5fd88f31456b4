// When requests are due, submitted and sent again. Each reading of the clock gives a new stamp.
// SPDX-License-Identifier: Apache-2.0
#include "run/driver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "case_setup.hpp"

using namespace case_setup;
using scenario::RoundMode;
using scripted::end_of;
using scripted::ScriptedEngine;
using scripted::tokens_of;

namespace {

// The stamp of each request's terminal event, by slot.
std::map<std::uint32_t, std::uint64_t> ends_of(const stats::CaseRecord& record) {
  std::map<std::uint32_t, std::uint64_t> ends;
  for (const auto& event : record.events) {
    if (event.kind != static_cast<std::uint8_t>(EventKind::tokens)) ends[event.slot] = event.t_ns;
  }
  return ends;
}

// Has places for so many; the others are overloaded. Ends one request after the other on its own
// thread, and gives places free only between submit() calls.
struct Places {
  explicit Places(std::uint32_t n) : free(n) {}
  Code submit(ScriptedEngine& engine, std::span<const Request> requests, std::uint32_t& accepted) {
    const std::lock_guard lock(mutex);
    accepted = std::min(free, static_cast<std::uint32_t>(requests.size()));
    free -= accepted;
    most = std::max(most, accepted);
    for (const Request& request : requests.first(accepted)) {
      engine.later([this, &engine, id = request.id, tokens = request.max_new_tokens] {
        engine.deliver({tokens_of(id, 1)});
        give_back();
        engine.deliver({end_of(id, tokens - 1)});
      });
    }
    return accepted == requests.size() ? Code::ok : Code::overloaded;
  }
  void give_back() {
    const std::lock_guard lock(mutex);
    ++free;
  }
  std::mutex mutex;
  std::uint32_t free;
  std::uint32_t most = 0;
};

}  // namespace

TEST_CASE("a barrier round is one submit call with one due stamp, after the round before ended") {
  ScriptedLaunch scripted(answer_at_once);
  const auto run = scripted.run({.concurrency = 3, .warmup_rounds = 1, .test_rounds = 2});
  CHECK(status_of(run) == "ok");
  REQUIRE(scripted.engine().submits.size() == 3);
  for (const auto& call : scripted.engine().submits) CHECK(call.size() == 3);
  const auto& table = run.record.requests;
  const auto ends = ends_of(run.record);
  for (std::uint32_t slot = 0; slot < 9; ++slot) {
    CHECK(table[slot].due_ns == table[slot / 3 * 3].due_ns);
    CHECK(table[slot].due_ns < table[slot].submit_ns);
    CHECK(table[slot].submit_ns < ends.at(slot));
    CHECK(ends.at(slot) < table[slot].accept_ns);  // this engine answers within submit()
    if (slot >= 3) CHECK(table[slot].due_ns > ends.at(slot / 3 * 3 - 1));
  }
}

TEST_CASE("a closed client's next request is due when its previous one ended") {
  Places places(3);
  ScriptedLaunch scripted([&places](auto& engine, auto requests, auto& accepted) {
    return places.submit(engine, requests, accepted);
  });
  const auto run = scripted.run(
      {.concurrency = 3, .warmup_rounds = 1, .test_rounds = 4, .mode = RoundMode::closed});
  CHECK(status_of(run) == "ok");
  CHECK_FALSE(run.record.is_barrier);
  const auto& table = run.record.requests;
  const auto ends = ends_of(run.record);
  REQUIRE(table.size() == 15);
  REQUIRE(ends.size() == 15);
  CHECK(table[0].due_ns == table[2].due_ns);  // all clients begin together
  for (std::uint32_t slot = 6; slot < 15; ++slot) CHECK(table[slot].due_ns == ends.at(slot - 3));
  const std::uint64_t warmup_end = std::max({ends.at(0), ends.at(1), ends.at(2)});
  for (std::uint32_t slot = 3; slot < 6; ++slot) {
    CHECK(table[slot].due_ns == table[3].due_ns);
    CHECK(table[slot].due_ns > warmup_end);  // warm-up is over before the test begins
  }
}

TEST_CASE("clients that end together are submitted together") {
  ScriptedLaunch scripted(answer_at_once);
  scripted.run({.concurrency = 4, .test_rounds = 3, .mode = RoundMode::closed});
  REQUIRE(scripted.engine().submits.size() == 3);
  for (const auto& call : scripted.engine().submits) CHECK(call.size() == 4);
}

TEST_CASE("an overloaded engine takes a prefix, and the rest when a request has ended") {
  for (const RoundMode mode : {RoundMode::barrier, RoundMode::closed}) {
    Places places(2);
    ScriptedLaunch scripted([&places](auto& engine, auto requests, auto& accepted) {
      return places.submit(engine, requests, accepted);
    });
    const auto run = scripted.run({.concurrency = 5, .test_rounds = 3, .mode = mode});
    CHECK(status_of(run) == "ok");
    CHECK(places.most == 2);
    CHECK(ends_of(run.record).size() == 15);
    std::set<std::uint64_t> due;
    for (std::uint32_t slot = 0; slot < 5; ++slot) due.insert(run.record.requests[slot].due_ns);
    CHECK(due.size() == 1);  // those that had to wait were due with the others
    CHECK(run.record.requests[4].submit_ns > run.record.requests[0].accept_ns);
  }
}

TEST_CASE("a request that is refused has one name, and not the engine's number for it too") {
  const auto reason = [](const std::string& refusal) {
    ScriptedLaunch scripted([&refusal](ScriptedEngine& engine, auto requests, auto&) {
      engine.refusal = refusal == "with its id"
                           ? "request " + std::to_string(requests[0].id) + ": too long"
                           : refusal;
      return Code::invalid_argument;
    });
    return reason_of(scripted.run({}));
  };
  CHECK(reason("with its id") == "request 0 of round 0 was refused: too long");
  CHECK(reason("request refused") == "request 0 of round 0 was refused: request refused");
  CHECK(reason("request 7") == "request 0 of round 0 was refused: request 7");
}

TEST_CASE("an engine that is overloaded with nothing in flight ends the case") {
  ScriptedLaunch scripted([](auto&, auto, auto&) { return Code::overloaded; });
  const auto run = scripted.run({});
  CHECK(status_of(run) == "unsupported");
  CHECK(reason_of(run).find("nothing in flight: as scripted") != std::string::npos);
  CHECK(scripted.engine().submits.size() == 1);
}

TEST_CASE("a refusal ends the case after those that were taken have ended") {
  ScriptedLaunch scripted(
      [](ScriptedEngine&, auto, std::uint32_t& accepted) {
        accepted = 1;
        return Code::invalid_argument;
      },
      [](ScriptedEngine& engine, std::uint64_t id) {
        engine.later([&engine, id] { engine.deliver({end_of(id, 0, Finish::cancelled)}); });
      });
  const auto run = scripted.run({.concurrency = 3});
  CHECK(status_of(run) == "unsupported");
  CHECK(reason_of(run) == "request 1 of round 0 was refused: as scripted");
  CHECK(scripted.engine().cancelled.size() == 1);
  CHECK(ends_of(run.record).size() == 1);
  CHECK(run.record.requests[0].accept_ns != 0);
  CHECK(run.record.requests[1].accept_ns == 0);
}

TEST_CASE("after a failure the others are cancelled, and their ends are waited for") {
  std::atomic<int> ended = 0;
  ScriptedLaunch scripted(
      [](ScriptedEngine& engine, std::span<const Request> requests, std::uint32_t& accepted) {
        accepted = static_cast<std::uint32_t>(requests.size());
        const std::uint64_t id = requests[1].id;
        engine.later(
            [&engine, id] { engine.deliver({scripted::failure_of(id, Code::out_of_memory)}); });
        return Code::ok;
      },
      [&ended](ScriptedEngine& engine, std::uint64_t id) {
        engine.later([&engine, &ended, id] {
          ++ended;
          engine.deliver({end_of(id, 0, Finish::cancelled)});
        });
      });
  const auto run = scripted.run({.concurrency = 4, .test_rounds = 5});
  CHECK(ended == 3);
  CHECK(status_of(run) == "oom");
  CHECK(reason_of(run) == "request 1 of round 0 failed after 0 tokens with out_of_memory");
  CHECK_FALSE(run.judgement.is_engine_broken);
  CHECK(scripted.engine().submits.size() == 1);
  CHECK(ends_of(run.record).size() == 4);
}

TEST_CASE("a request that goes on beyond its bound is cancelled") {
  ScriptedLaunch scripted(
      [](ScriptedEngine& engine, std::span<const Request> requests, std::uint32_t& accepted) {
        accepted = 1;
        engine.deliver({tokens_of(requests[0].id, requests[0].max_new_tokens + 1)});
        return Code::ok;
      },
      [](ScriptedEngine& engine, std::uint64_t id) {
        engine.deliver({end_of(id, 0, Finish::cancelled)});
      });
  const auto run = scripted.run({.concurrency = 1, .test_rounds = 2});
  CHECK(status_of(run) == "invalid");
  CHECK(reason_of(run) == "token_count");
  CHECK(scripted.engine().cancelled.size() == 2);
}

TEST_CASE("a submit answer that contradicts itself is a broken contract") {
  const auto outcome = [](Code code, std::uint32_t accepted_of_two) {
    ScriptedLaunch scripted(
        [=](ScriptedEngine&, auto, std::uint32_t& accepted) {
          accepted = accepted_of_two;
          return code;
        },
        [](ScriptedEngine& engine, std::uint64_t id) {
          engine.deliver({end_of(id, 0, Finish::cancelled)});
        });
    return status_of(scripted.run({}));
  };
  CHECK(outcome(Code::ok, 1) == "bad_plugin");
  CHECK(outcome(Code::ok, 3) == "bad_plugin");
  CHECK(outcome(Code::overloaded, 2) == "bad_plugin");
}
