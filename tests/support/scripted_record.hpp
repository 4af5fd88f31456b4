// A record written by hand: each request with the times at which it was due and got its tokens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <vector>

#include "stats/case_record.hpp"

namespace lmbench::test {

struct ScriptedEvent {
  double at_ms;
  std::uint32_t tokens;
};

struct ScriptedRequest {
  std::uint32_t round = 0;
  std::uint32_t sequence = 0;
  double due_ms = 0;
  std::vector<ScriptedEvent> events = {};  // the last one ends the request
  bool is_warmup = false;
};

inline std::uint64_t ns_of(double ms) {
  constexpr double kBootMs = 5000;  // the clock did not begin with the test
  return static_cast<std::uint64_t>((kBootMs + ms) * 1e6 + 0.5);
}

class ScriptedRecord {
 public:
  ScriptedRecord(std::uint32_t prompt_tokens, bool is_barrier) {
    record_.prompt_tokens = prompt_tokens;
    record_.is_barrier = is_barrier;
  }

  // Submitted 0.5 ms and accepted 1 ms after it was due; no admission stamp.
  ScriptedRecord& add(const ScriptedRequest& request) {
    stats::RequestRecord r{};
    r.due_ns = ns_of(request.due_ms);
    r.submit_ns = ns_of(request.due_ms + 0.5);
    r.accept_ns = ns_of(request.due_ms + 1);
    r.round = request.round;
    r.sequence = request.sequence;
    r.prompt_tokens = record_.prompt_tokens;
    r.is_warmup = request.is_warmup ? 1 : 0;
    for (const ScriptedEvent& e : request.events) {
      r.requested_tokens += e.tokens;
      record_.events.push_back(event(e, &e == &request.events.back()));
    }
    record_.requests.push_back(r);
    return *this;
  }

  // Events in order of arrival, those of one stamp in one call.
  stats::CaseRecord record() const {
    stats::CaseRecord sorted = record_;
    std::stable_sort(sorted.events.begin(), sorted.events.end(),
                     [](const auto& a, const auto& b) { return a.t_ns < b.t_ns; });
    for (std::size_t i = 1; i < sorted.events.size(); ++i) {
      const bool is_same_call = sorted.events[i].t_ns == sorted.events[i - 1].t_ns;
      sorted.events[i].batch = sorted.events[i - 1].batch + (is_same_call ? 0 : 1);
    }
    return sorted;
  }
 private:
  stats::EventRecord event(const ScriptedEvent& e, bool is_last) const {
    stats::EventRecord made{};
    made.t_ns = ns_of(e.at_ms);
    made.slot = static_cast<std::uint32_t>(record_.requests.size());
    made.token_count = e.tokens;
    made.kind = static_cast<std::uint8_t>(is_last ? EventKind::finished : EventKind::tokens);
    made.finish = static_cast<std::uint8_t>(is_last ? Finish::length : Finish::none);
    return made;
  }

  stats::CaseRecord record_;
};

// N = 2, three rounds released at 0, 100 and 200 ms, R = 4, P = 8, and a slow warm-up round before.
// Tokens of a round, in ms from its release:
//   sequence 0: 10 20 26 32
//   sequence 1: 20 26 32 40, the last one of the last round at 46
// delivered so many at a time, when the last of them is there but for the first ones, which come
// with the first.
inline stats::CaseRecord two_by_three_by_four(std::uint32_t tokens_per_event) {
  ScriptedRecord script(8, true);
  script.add({.round = 0, .due_ms = -1000, .events = {{-500, 2}, {-250, 2}}, .is_warmup = true});
  for (std::uint32_t round = 0; round < 3; ++round) {
    const double release = 100.0 * round;
    const double last = round == 2 ? 46 : 40;
    const std::vector<std::vector<double>> times = {{10, 20, 26, 32}, {20, 26, 32, last}};
    for (std::uint32_t sequence = 0; sequence < 2; ++sequence) {
      ScriptedRequest request{.round = round, .sequence = sequence, .due_ms = release};
      for (std::uint32_t done = 0; done < 4;) {
        const std::uint32_t tokens = std::min(tokens_per_event, 4 - done);
        const std::size_t seen_at = done == 0 ? 0 : done + tokens - 1;
        request.events.push_back({release + times[sequence][seen_at], tokens});
        done += tokens;
      }
      script.add(request);
    }
  }
  return script.record();
}

}  // namespace lmbench::test
