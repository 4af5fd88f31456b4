// The sink of an engine's events, and the hottest code of the runner: one clock reading and one
// atomic addition per on_events call, then plain stores into memory that was there before the case.
// It neither locks nor allocates, and however wrong an engine is, it stays inside its memory: what
// the ABI forbids is counted, and judged after the case.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "clock.hpp"
#include "stats/case_record.hpp"

namespace lmbench::run {

// What a phase of a case needs room for.
struct RecorderShape {
  std::uint32_t requests = 0;
  std::uint32_t tokens_per_request = 0;  // the most that one may bring
  bool has_token_ids = false;            // the plugin claims kCapTokenIds
  bool goes_on = false;                  // with the case of the phase before, and its counts
};

// Events that an engine may not send, since the case began.
struct ContractBreaks {
  std::uint64_t unknown_requests = 0;  // ids that are not in flight: invented, or refused ones
  std::uint64_t stale_requests = 0;    // ids of an earlier phase or case
  std::uint64_t after_terminal = 0;
  std::uint64_t malformed = 0;  // no such kind, an end without a reason, tokens without ids
  bool operator==(const ContractBreaks&) const = default;
};

// How a request stands, or ended.
struct RequestState {
  bool has_ended = false;
  std::uint64_t ended_ns = 0;    // stamp of the terminal event
  std::uint32_t tokens = 0;      // recorded, at most tokens_per_request
  bool has_excess = false;       // it brought more than that
  Finish finish = Finish::none;  // of a finished request
  Code error = Code::ok;         // of a failed one
};

// What the driver has to act on.
struct Notice {
  std::uint32_t slot;
  bool is_end;  // else the request goes on beyond its bound
};

class EventRecorder final : public IEventSink {
 public:
  using Clock = std::uint64_t (*)() noexcept;
  explicit EventRecorder(Clock clock = &monotonic_now_ns);
  virtual ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  std::uint64_t now_ns() const noexcept { return clock_(); }

  // [engine]
  void on_events(const Event* events, std::uint32_t count) noexcept override;

  // [control] With nothing in flight. Takes all memory that the phase needs.
  void begin_phase(const RecorderShape& shape);
  // [control] With nothing in flight. From now on, events are stale. Adds the events to the record,
  // and what they say about the requests to its last requests, first_slot and on: those of the
  // phase, or as many of them as were due.
  void end_phase(stats::CaseRecord& record, std::size_t first_slot = 0);

  // [control] Between begin_phase() and end_phase(); none of them allocates.
  std::uint64_t id_of(std::uint32_t slot) const noexcept;
  void open(std::uint32_t slot) noexcept;  // before the submit() call that has it
  // After a submit() call that did not take it. False when the engine sent events of it.
  bool withdraw(std::uint32_t slot) noexcept;
  std::optional<Notice> poll() noexcept;
  Notice wait() noexcept;  // sleeps until there is one
  bool is_in_flight(std::uint32_t slot) const noexcept;

  // [control] Until the next begin_phase().
  RequestState state_of(std::uint32_t slot) const noexcept;
  std::span<const std::int32_t> token_ids(std::uint32_t slot) const noexcept;  // that it brought
  ContractBreaks breaks() const noexcept;

  // [any] In this case so far. For a moment between two phases it may be off.
  std::uint64_t tokens_seen() const noexcept;
  std::uint32_t requests_ended() const noexcept;
 private:
  struct Slot;
  struct Table;
  struct Strays;

  static Slot* find(Table& table, std::uint64_t id) noexcept;
  bool take(Table& table, Slot& slot, const Event& event, std::uint64_t stamp_ns,
            std::uint32_t mark, std::uint32_t& next) noexcept;
  void keep_ids(Table& table, const std::int32_t* ids, std::uint64_t offset,
                std::uint32_t count) noexcept;
  void announce(Table& table, const Event* events, std::uint32_t count) noexcept;
  void count_stray(std::uint64_t id) noexcept;

  Clock clock_;
  std::atomic<Table*> table_;
  std::atomic<std::uint32_t> wakeups_ = 0;
  std::unique_ptr<Strays> strays_;
  ContractBreaks strays_before_;                  // this case
  std::atomic<std::uint64_t> tokens_before_ = 0;  // this phase, of this case
  std::atomic<std::uint32_t> ended_before_ = 0;   // the same for requests
  std::uint32_t generation_ = 0;
  // The last one is in use. Smaller ones of earlier cases stay until the end: a broken engine could
  // still be writing into one.
  std::vector<std::unique_ptr<Table>> tables_;
};

}  // namespace lmbench::run
