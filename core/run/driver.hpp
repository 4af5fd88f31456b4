// Sends the requests of a phase and waits for their ends: round by round, or as so many clients in
// a closed loop. Everything is prepared before; while it runs it allocates nothing, and it submits
// from its own thread only, never from within an engine's event.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plugin/engine_handle.hpp"
#include "run/event_recorder.hpp"
#include "run/workload.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::run {

// Why a case was stopped before its end. The first reason counts.
struct Stop {
  enum class Cause {
    refused,       // submit() did not take a request
    failed,        // a request ended as failed
    short_output,  // a request ended with too few tokens
    contract,      // submit() did what it may not
  };
  Cause cause;
  Code code = Code::ok;    // of refused and failed
  std::uint32_t slot = 0;  // of the request
};

class Driver {
 public:
  // Of a barrier round: its release and its last end. Whether another one is wanted.
  using GoOn = std::function<bool(std::uint64_t due_ns, std::uint64_t end_ns)>;

  // All of them must outlive it. The recorder has begun the phase.
  Driver(IGenerationEngine& engine, EventRecorder& recorder, Workload& workload,
         scenario::RoundMode mode);

  // [control] All rounds, or until go_on, which is asked after each barrier round, says no. When it
  // returns nothing is in flight; after a reason to stop, what was in flight has been cancelled.
  std::optional<Stop> run(const GoOn& go_on = {});

  // The engine's sentence about a refusal.
  std::string refusal_text() const { return refusal_.text(); }
 private:
  struct Answer {
    Code code;
    std::uint32_t accepted;
    bool is_sound;  // code and number agree
  };

  void release_round(std::uint32_t round);
  void until_quiet();
  void submit_pending();
  Answer ask_engine();
  void take_back(std::uint32_t accepted);
  void heed(const Notice& notice);
  void send_next_of_client(std::uint32_t slot, std::uint64_t due_ns);
  void stop(const Stop& why);

  IGenerationEngine& engine_;
  EventRecorder& recorder_;
  Workload& load_;
  scenario::RoundMode mode_;
  std::vector<std::uint32_t> pending_;  // slots that are due, in this order
  std::vector<Request> batch_;          // theirs, for one submit() call
  std::uint32_t in_flight_ = 0;         // accepted, and their end not yet seen here
  std::uint64_t last_end_ns_ = 0;       // the latest terminal event
  std::optional<Stop> stop_;
  plugin::ErrorSpace refusal_;
};

}  // namespace lmbench::run
