// Everything that was observed while one case ran, as plain data: the raw events that the recorder
// wrote and the request table they refer to. Statistics are pure functions over a CaseRecord, and
// results/<run>/events/*.npy holds the same bytes, so every figure can be recomputed later.
// All stamps are CLOCK_MONOTONIC in nanoseconds; 0 means "not given".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lmbench::stats {

// One event of one request. The layout is the file format: 32 bytes, offsets in comments.
struct EventRecord {
  std::uint64_t t_ns;         //  0: stamp of the on_events call
  std::uint64_t engine_ns;    //  8: the engine's own stamp
  std::uint32_t slot;         // 16: index into CaseRecord::requests
  std::uint32_t batch;        // 20: running number of the on_events call
  std::uint32_t token_count;  // 24: new tokens in this event
  std::uint8_t kind;          // 28: EventKind
  std::uint8_t finish;        // 29: Finish
  std::uint16_t error;        // 30: Code
};
static_assert(sizeof(EventRecord) == 32, "EventRecord is a file format");

// One request, warm-up included. The layout is the file format.
struct RequestRecord {
  std::uint64_t due_ns;         //  0: release of the round, or end of the client's previous request
  std::uint64_t submit_ns;      //  8: before the submit() call that took it
  std::uint64_t accept_ns;      // 16: after it; 0: refused
  std::uint64_t admit_ns;       // 24: the engine began to work on it, if it says so
  std::uint32_t round;          // 32: from 0, counted separately in warm-up and test
  std::uint32_t sequence;       // 36: place in the round, or the client
  std::uint32_t prompt_tokens;  // 40
  std::uint32_t requested_tokens;      // 44
  std::uint32_t cached_prompt_tokens;  // 48
  std::uint32_t is_warmup;             // 52: 0 or 1
  std::uint64_t reserved;              // 56
};
static_assert(sizeof(RequestRecord) == 64, "RequestRecord is a file format");

struct CaseRecord {
  std::uint32_t concurrency = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
  bool is_barrier = true;  // else closed loop
  std::vector<RequestRecord> requests;
  std::vector<EventRecord> events;  // in order of arrival
};

}  // namespace lmbench::stats
