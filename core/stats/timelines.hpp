// The events of a case, sorted to the requests that they belong to. What every metric starts from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/case_record.hpp"

namespace lmbench::stats {

// One request of a record.
struct Timeline {
  const RequestRecord* request;
  std::span<const EventRecord> token_events;  // those with tokens, in order of arrival
  std::uint64_t tokens = 0;                   // of all of them
  std::uint64_t end_ns = 0;                   // its terminal event; 0: there was none
  std::uint64_t engine_end_ns = 0;            // the same by the engine's own stamp, if it has one
  bool is_finished = false;                   // it ended, and not by an error

  bool has_tokens() const noexcept { return !token_events.empty(); }
  // With tokens only.
  std::uint64_t first_token_ns() const noexcept { return token_events.front().t_ns; }
  std::uint64_t last_token_ns() const noexcept { return token_events.back().t_ns; }
  std::uint64_t tokens_after_first_event() const noexcept {
    return tokens - token_events.front().token_count;
  }
};

// The test requests of a record, which must outlive it; warm-up is left out.
class Timelines {
 public:
  // Throws Error when an event refers to a request that the record does not have.
  explicit Timelines(const CaseRecord& record);

  const std::vector<Timeline>& all() const noexcept { return timelines_; }
  bool empty() const noexcept { return timelines_.empty(); }

  std::uint64_t first_due_ns() const noexcept { return first_due_ns_; }
  std::uint64_t last_end_ns() const noexcept { return last_end_ns_; }
  // The test phase: from the first due time to the last terminal event.
  double test_ns() const noexcept;
 private:
  std::vector<EventRecord> token_events_;  // grouped by request
  std::vector<Timeline> timelines_;
  std::uint64_t first_due_ns_ = 0;
  std::uint64_t last_end_ns_ = 0;
};

// From due to the first token of the request that was submitted first, warm-up or not.
std::optional<double> first_prefill_ns(const CaseRecord& record);

// later - earlier; negative where the stamps are the other way round.
inline double ns_between(std::uint64_t earlier_ns, std::uint64_t later_ns) noexcept {
  return later_ns >= earlier_ns ? static_cast<double>(later_ns - earlier_ns)
                                : -static_cast<double>(earlier_ns - later_ns);
}

}  // namespace lmbench::stats
