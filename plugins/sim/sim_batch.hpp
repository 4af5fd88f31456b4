// The requests in flight: who waits, who runs, and the events of each step. Knows neither threads
// nor time; the engine calls it under its lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <lmbench/plugin.hpp>
#include <vector>

#include "sim/sim_script.hpp"

namespace lmbench::sim {

// What one on_events call delivers. Events point into tokens once attach_tokens() has been called.
struct StepOutput {
  std::vector<Event> events;
  std::vector<std::int32_t> tokens;

  void clear() noexcept {
    events.clear();
    tokens.clear();
  }
  void attach_tokens() noexcept;
};

class SimBatch {
 public:
  explicit SimBatch(const SimOptions& options) : options_(options) {}

  // Before so many calls of accept(), which belong together.
  void expect(std::uint32_t requests) noexcept;
  // Throws sdk::Error for a request that cannot be taken.
  void accept(const Request& request, std::uint64_t arrival_ns);
  void cancel(std::uint64_t id) noexcept;  // marks it; advance() ends it

  std::size_t in_flight() const noexcept { return waiting_.size() + running_.size(); }
  std::uint64_t queued() const noexcept { return waiting_.size(); }
  std::uint64_t peak_in_flight() const noexcept { return peak_in_flight_; }
  // How often the whole batch has been through.
  std::uint64_t rounds() const noexcept;
  // The fault whose request has been taken: it strikes when that request is where fault_at says.
  Fault fault_to_come() const noexcept { return has_struck_ ? fault_ : Fault::none; }
  bool is_slow() const noexcept { return is_slow_; }

  // Moves waiting requests to free places. start_ns becomes no earlier than their arrival.
  StepShape admit(std::uint64_t& start_ns);

  // One token for each running request; ends those that are done or cancelled. The result is the
  // fault, if any, that strikes the whole engine now; the step then gave no events.
  Fault advance(std::uint64_t end_ns, StepOutput& output);

  // Ends all requests: as failed for a code, as cancelled for ok.
  void end_all(Code error, StepOutput& output);
 private:
  struct Sequence {
    std::uint64_t id = 0;
    std::uint64_t prompt_hash = 0;
    std::uint64_t arrival_ns = 0;
    std::uint64_t admitted_ns = 0;
    std::uint32_t prompt_tokens = 0;
    std::uint32_t min_new_tokens = 0;
    std::uint32_t max_new_tokens = 0;
    std::uint32_t made_tokens = 0;
    std::vector<std::int32_t> stop_tokens;
    std::vector<std::int32_t> undelivered;
    bool has_delivered = false;
    bool is_cancelled = false;
    bool is_struck = false;
  };

  bool strikes_now(const Sequence& sequence) const noexcept;
  bool make_token(Sequence& sequence, std::uint64_t end_ns, StepOutput& output) const;
  void deliver(Sequence& sequence, EventKind kind, Finish finish, Code error, std::uint64_t end_ns,
               StepOutput& output) const;
  void deliver_to_nobody(const Sequence& sequence, StepOutput& output) const;
  void end_cancelled(std::uint64_t end_ns, StepOutput& output);

  SimOptions options_;
  Fault fault_ = Fault::none;       // of the batch that is being submitted
  std::uint64_t struck_batch_ = 1;  // how many in flight make its request the struck one
  std::deque<Sequence> waiting_;
  std::vector<Sequence> running_;  // oldest first
  std::uint64_t accepted_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t peak_in_flight_ = 0;
  bool has_struck_ = false;  // a request is marked for the fault
  bool is_slow_ = false;
};

}  // namespace lmbench::sim
