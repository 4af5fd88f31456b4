// SPDX-License-Identifier: Apache-2.0
#include "stats/timelines.hpp"

#include <algorithm>
#include <lmbench/engine_abi.hpp>
#include <string>

#include "error.hpp"

namespace lmbench::stats {
namespace {

bool is_terminal(const EventRecord& event) {
  return event.kind != static_cast<std::uint8_t>(EventKind::tokens);
}

void check_slots(const CaseRecord& record) {
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    if (record.events[i].slot < record.requests.size()) continue;
    throw Error("event " + std::to_string(i) + " is of request " +
                    std::to_string(record.events[i].slot) + ", but there are only " +
                    std::to_string(record.requests.size()),
                ExitCode::benchmark_says_no);
  }
}

// Where the token events of each request begin once they are grouped; one more at the end.
std::vector<std::size_t> first_places(const CaseRecord& record) {
  std::vector<std::size_t> places(record.requests.size() + 1, 0);
  for (const EventRecord& event : record.events) {
    if (event.token_count > 0) ++places[event.slot + 1];
  }
  for (std::size_t i = 1; i < places.size(); ++i) places[i] += places[i - 1];
  return places;
}

}  // namespace

Timelines::Timelines(const CaseRecord& record) {
  check_slots(record);
  const std::vector<std::size_t> places = first_places(record);
  token_events_.resize(places.back());
  std::vector<Timeline> by_slot(record.requests.size());
  std::vector<std::size_t> next = places;
  for (const EventRecord& event : record.events) {
    Timeline& line = by_slot[event.slot];
    if (event.token_count > 0) token_events_[next[event.slot]++] = event;
    line.tokens += event.token_count;
    if (!is_terminal(event)) continue;
    line.end_ns = event.t_ns;
    line.engine_end_ns = event.engine_ns != 0 ? event.engine_ns : event.t_ns;
    line.is_finished = event.kind == static_cast<std::uint8_t>(EventKind::finished);
  }
  for (std::size_t slot = 0; slot < by_slot.size(); ++slot) {
    const RequestRecord& request = record.requests[slot];
    if (request.is_warmup != 0) continue;
    Timeline& line = by_slot[slot];
    line.request = &request;
    line.token_events =
        std::span(token_events_).subspan(places[slot], places[slot + 1] - places[slot]);
    if (timelines_.empty()) first_due_ns_ = request.due_ns;
    first_due_ns_ = std::min(first_due_ns_, request.due_ns);
    last_end_ns_ = std::max(last_end_ns_, line.end_ns);
    timelines_.push_back(line);
  }
}

double Timelines::test_ns() const noexcept {
  return last_end_ns_ > first_due_ns_ ? ns_between(first_due_ns_, last_end_ns_) : 0;
}

std::optional<double> first_prefill_ns(const CaseRecord& record) {
  std::optional<std::size_t> first;
  for (std::size_t slot = 0; slot < record.requests.size(); ++slot) {
    const RequestRecord& request = record.requests[slot];
    if (request.accept_ns == 0) continue;
    if (!first || request.submit_ns < record.requests[*first].submit_ns) first = slot;
  }
  if (!first) return std::nullopt;
  const auto event =
      std::find_if(record.events.begin(), record.events.end(),
                   [&](const EventRecord& e) { return e.slot == *first && e.token_count > 0; });
  if (event == record.events.end()) return std::nullopt;
  return ns_between(record.requests[*first].due_ns, event->t_ns);
}

}  // namespace lmbench::stats
