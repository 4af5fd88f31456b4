// SPDX-License-Identifier: Apache-2.0
#include "run/event_recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "scripted_engine.hpp"

using namespace lmbench;
using run::ContractBreaks;
using run::EventRecorder;
using scripted::end_of;
using scripted::failure_of;
using scripted::ticking_clock;
using scripted::tokens_of;

namespace {

class Recording {
 public:
  explicit Recording(std::uint32_t slots, std::uint32_t tokens, bool has_ids = false)
      : recorder(&ticking_clock) {
    begin(slots, tokens, has_ids);
  }
  void begin(std::uint32_t slots, std::uint32_t tokens, bool has_ids = false) {
    slots_ = slots;
    recorder.begin_phase({slots, tokens, has_ids});
    for (std::uint32_t slot = 0; slot < slots; ++slot) recorder.open(slot);
  }
  std::uint64_t id(std::uint32_t slot) const { return recorder.id_of(slot); }
  void send(const std::vector<Event>& events) {
    recorder.on_events(events.data(), static_cast<std::uint32_t>(events.size()));
  }
  std::vector<stats::EventRecord> end() {
    stats::CaseRecord record;
    record.requests.resize(slots_);
    recorder.end_phase(record);
    requests = record.requests;
    return record.events;
  }
  EventRecorder recorder;
  std::vector<stats::RequestRecord> requests;
 private:
  std::uint32_t slots_ = 0;
};

}  // namespace

TEST_CASE("the events of a call share one stamp and one running number") {
  Recording r(2, 4);
  const std::uint64_t readings = scripted::ticks;
  r.send({tokens_of(r.id(0), 1), tokens_of(r.id(1), 2)});
  r.send({end_of(r.id(1), 2)});
  r.send({end_of(r.id(0), 3)});
  CHECK(scripted::ticks == readings + 3);
  const auto events = r.end();
  REQUIRE(events.size() == 4);
  CHECK(events[0].t_ns == events[1].t_ns);
  CHECK(events[2].t_ns == events[1].t_ns + 1);
  const std::vector<std::uint32_t> batches = {0, 0, 1, 2};
  const std::vector<std::uint32_t> slots = {0, 1, 1, 0};
  const std::vector<std::uint32_t> tokens = {1, 2, 2, 3};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(events[i].batch == batches[i]);
    CHECK(events[i].slot == slots[i]);
    CHECK(events[i].token_count == tokens[i]);
  }
  CHECK(events[3].kind == static_cast<std::uint8_t>(EventKind::finished));
  CHECK(events[3].finish == static_cast<std::uint8_t>(Finish::length));
  CHECK(r.recorder.breaks() == ContractBreaks{});
}

TEST_CASE("the engine's own stamps and cached prompt tokens reach the record") {
  Recording r(1, 2);
  Event first = tokens_of(r.id(0), 1);
  first.engine_ns = 77;
  first.admitted_ns = 55;
  first.cached_prompt_tokens = 9;
  r.send({first});
  r.send({end_of(r.id(0), 1)});
  const auto events = r.end();
  CHECK(events[0].engine_ns == 77);
  CHECK(r.requests[0].admit_ns == 55);
  CHECK(r.requests[0].cached_prompt_tokens == 9);
}

TEST_CASE("token ids are kept in order for each request") {
  Recording r(2, 3, true);
  const std::vector<std::int32_t> ids = {10, 11, 12, 20, 21};
  r.send({tokens_of(r.id(0), 2, &ids[0]), tokens_of(r.id(1), 1, &ids[3])});
  Event last = end_of(r.id(0), 1);
  last.tokens = &ids[2];
  r.send({last});
  const auto first = r.recorder.token_ids(0);
  CHECK(std::vector<std::int32_t>(first.begin(), first.end()) ==
        std::vector<std::int32_t>{10, 11, 12});
  const auto second = r.recorder.token_ids(1);
  CHECK(std::vector<std::int32_t>(second.begin(), second.end()) == std::vector<std::int32_t>{20});
}

TEST_CASE("an end is told once, after the rest of its call") {
  Recording r(2, 2);
  CHECK_FALSE(r.recorder.poll().has_value());
  r.send({end_of(r.id(1), 2), tokens_of(r.id(0), 1)});
  const auto notice = r.recorder.wait();
  CHECK(notice.slot == 1);
  CHECK(notice.is_end);
  CHECK_FALSE(r.recorder.poll().has_value());
  CHECK(r.recorder.requests_ended() == 1);
  CHECK(r.recorder.tokens_seen() == 3);
  const auto state = r.recorder.state_of(1);
  CHECK(state.has_ended);
  CHECK(state.tokens == 2);
  CHECK(r.recorder.is_in_flight(0));
}

TEST_CASE("a failure keeps its code") {
  Recording r(1, 4);
  r.send({failure_of(r.id(0), Code::out_of_memory)});
  CHECK(r.recorder.wait().is_end);
  CHECK(r.recorder.state_of(0).error == Code::out_of_memory);
  CHECK(r.end().at(0).error == static_cast<std::uint16_t>(Code::out_of_memory));
}

TEST_CASE("tokens beyond the bound are cut off and told of") {
  Recording r(1, 4);
  r.send({tokens_of(r.id(0), 3)});
  r.send({tokens_of(r.id(0), 3)});
  const auto notice = r.recorder.wait();
  CHECK_FALSE(notice.is_end);
  for (int i = 0; i < 1000; ++i) r.send({tokens_of(r.id(0), 1)});
  CHECK_FALSE(r.recorder.poll().has_value());  // told once
  r.send({end_of(r.id(0), 1)});
  CHECK(r.recorder.wait().is_end);
  CHECK(r.recorder.state_of(0).has_excess);
  CHECK(r.recorder.state_of(0).tokens == 4);
  std::uint32_t tokens = 0;
  for (const auto& event : r.end()) tokens += event.token_count;
  CHECK(tokens == 4);
}

TEST_CASE("events that say nothing leave no record, however many they are") {
  Recording r(1, 2);
  for (int i = 0; i < 100; ++i) r.send({tokens_of(r.id(0), 0)});
  r.send({tokens_of(r.id(0), 1)});
  r.send({end_of(r.id(0), 1)});
  CHECK(r.end().size() == 2);
  CHECK(r.recorder.breaks() == ContractBreaks{});
}

TEST_CASE("what the contract forbids is counted by kind") {
  Recording r(2, 2);
  const std::uint64_t stale = r.id(0);
  r.send({end_of(r.id(0), 2), end_of(r.id(1), 2)});
  r.end();
  r.begin(2, 2);
  r.send({tokens_of(stale, 1)});                         // an earlier case
  r.send({tokens_of(r.id(0) + 2, 1), tokens_of(0, 1)});  // no such request
  r.send({end_of(r.id(0), 2), end_of(r.id(0), 0)});      // ends twice
  r.send({end_of(r.id(1), 2, Finish::none)});            // ends without a reason
  const ContractBreaks breaks = r.recorder.breaks();
  CHECK(breaks.stale_requests == 1);
  CHECK(breaks.unknown_requests == 2);
  CHECK(breaks.after_terminal == 1);
  CHECK(breaks.malformed == 1);
  CHECK(r.end().size() == 2);
}

TEST_CASE("the second terminal event of one call is seen before the end is told") {
  Recording r(1, 1);
  r.send({end_of(r.id(0), 1), end_of(r.id(0), 0)});
  CHECK(r.recorder.wait().is_end);
  CHECK(r.recorder.breaks().after_terminal == 1);
  CHECK_FALSE(r.recorder.poll().has_value());
}

TEST_CASE("token ids that were promised and do not come are a broken contract") {
  Recording r(1, 2, true);
  r.send({tokens_of(r.id(0), 1)});
  CHECK(r.recorder.breaks().malformed == 1);
}

TEST_CASE("events of a refused request are noticed, before and after the refusal") {
  Recording r(2, 2);
  r.send({tokens_of(r.id(0), 1)});
  CHECK_FALSE(r.recorder.withdraw(0));
  CHECK(r.recorder.withdraw(1));
  CHECK(r.recorder.breaks().unknown_requests == 1);
  r.send({tokens_of(r.id(1), 1)});
  CHECK(r.recorder.breaks().unknown_requests == 2);
}

TEST_CASE("a later case begins empty, whether it is larger or smaller") {
  Recording r(2, 2);
  for (const std::uint32_t requests : {4U, 1U, 8U}) {
    r.send({tokens_of(r.id(0), 1)});
    r.end();
    r.begin(requests, 3);
    CHECK(r.recorder.tokens_seen() == 0);
    CHECK(r.recorder.requests_ended() == 0);
    CHECK(r.recorder.state_of(0).tokens == 0);
    CHECK(r.end().empty());
    r.begin(requests, 3);
  }
}

TEST_CASE("several engine threads deliver at once and nothing is lost") {
  constexpr std::uint32_t kThreads = 4;
  constexpr std::uint32_t kRequestsEach = 8;
  constexpr std::uint32_t kTokens = 200;
  Recording r(kThreads * kRequestsEach, kTokens);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&r, t] {
      for (std::uint32_t token = 1; token <= kTokens; ++token) {
        std::vector<Event> events;
        for (std::uint32_t i = 0; i < kRequestsEach; ++i) {
          const std::uint64_t id = r.id(t * kRequestsEach + i);
          events.push_back(token == kTokens ? end_of(id, 1) : tokens_of(id, 1));
        }
        r.send(events);
      }
    });
  }
  std::vector<bool> has_ended(kThreads * kRequestsEach);
  for (std::size_t i = 0; i < has_ended.size(); ++i) has_ended[r.recorder.wait().slot] = true;
  CHECK(std::count(has_ended.begin(), has_ended.end(), true) == kThreads * kRequestsEach);
  const auto events = r.end();  // while the threads may still be on their way out
  for (std::thread& thread : threads) thread.join();
  CHECK(events.size() == kThreads * kRequestsEach * kTokens);
  CHECK(r.recorder.breaks() == ContractBreaks{});
  CHECK(std::is_sorted(events.begin(), events.end(),
                       [](const auto& a, const auto& b) { return a.t_ns < b.t_ns; }));
  CHECK(events.back().batch == kThreads * kTokens - 1);
  std::vector<std::uint32_t> tokens(kThreads * kRequestsEach);
  for (const auto& event : events) tokens[event.slot] += event.token_count;
  CHECK(std::all_of(tokens.begin(), tokens.end(), [](auto n) { return n == kTokens; }));
}
