// What coordinator and worker say to each other. The coordinator asks one thing at a time; the
// worker answers each request with one reply, and sends a Heartbeat now and then meanwhile.
// Plain values and their JSON text; nothing here is sent in the timed path.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugin/identity.hpp"
#include "report/engine_stat.hpp"
#include "run/outcome.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

// ---- coordinator to worker ----------------------------------------------------------------------

// What is this plugin, and what would a load of it give? Loads the library, touches no device.
struct DescribeRequest {
  std::string plugin;
  scenario::Options options;
};

struct LoadRequest {
  std::string plugin;
  scenario::Options options = {};  // the hints about the plan among them
  bool is_checked = false;         // scenario::Engine's
};

struct CaseRequest {
  scenario::Case plan_case;
  scenario::Sampling sampling;
  scenario::Measure measure;
  scenario::Prompts prompts;
  std::string events_file;
  std::string requests_file;
  std::string tokens_file;  // for the token ids of the test rounds; empty: they are not kept
};

struct ResetRequest {};  // back to the state after load
struct FloorRequest {};  // what the harness itself costs, with the null engine
struct QuitRequest {};

struct GenerateRequest {
  std::vector<std::int32_t> prompt;
  std::uint32_t max_new_tokens = 0;
  bool ignore_eos = false;
  scenario::Sampling sampling;
  std::uint64_t seed = 0;
};

struct ConvertRequest {
  std::string plugin;
  std::string source;
  std::string target;
  scenario::Options options;
};

using Request = std::variant<DescribeRequest, LoadRequest, CaseRequest, ResetRequest, FloorRequest,
                             QuitRequest, GenerateRequest, ConvertRequest>;

// ---- worker to coordinator ----------------------------------------------------------------------

using plugin::MappedObject;

// lmbench.model/1; 0 where the engine does not know.
struct ModelFigures {
  std::uint64_t parameters = 0;
  std::uint64_t kv_capacity_tokens = 0;
  double weight_bytes_per_step = 0;
  double kv_bytes_per_token = 0;
  double read_bytes_per_s = 0;
  std::uint32_t vocabulary = 0;
  std::uint32_t max_sequence_tokens = 0;
  std::uint32_t max_requests = 0;
  std::uint32_t kv_block_tokens = 0;
  bool operator==(const ModelFigures&) const = default;
};

// lmbench.roofline/1
struct PeakFigures {
  double bytes_per_s = 0;
  double flops_per_s = 0;
  bool is_measured = false;
  std::string device_name;
  bool operator==(const PeakFigures&) const = default;
};

// lmbench.memory/1
struct MemoryPart {
  std::string part;
  std::int32_t device = -1;  // -1: the host
  std::uint64_t reserved_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::uint64_t peak_bytes = 0;
  bool operator==(const MemoryPart&) const = default;
};

// The worker's own look at CLOCK_MONOTONIC at its start.
struct ClockFacts {
  double read_ns = 0;  // mean cost of one reading
  std::uint64_t smallest_step_ns = 0;
  std::uint64_t backward_steps = 0;  // anything but 0 is an error
  bool operator==(const ClockFacts&) const = default;
};

struct DescribeReply {
  std::string path;  // of the plugin, absolute
  std::string engine_name;
  std::string engine_version;
  std::string source_revision;
  std::string toolchain;
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor = 0;
  std::uint64_t capabilities = 0;
  std::optional<ModelFigures> model;
  ClockFacts clock;
};

struct LoadReply {
  double load_s = 0;
  std::optional<ModelFigures> model;
  std::optional<PeakFigures> peak;
  std::vector<MappedObject> objects;  // the plugin first
};

struct CaseReply {
  run::Outcome outcome;            // as the worker saw it
  std::vector<std::string> flags;  // "coalesced" and the like
  bool engine_is_broken = false;   // only a new worker can go on
  std::string prompts_sha256;
  std::string stop_reason;  // of stats::StopReason; empty: the case did not run to its end
  std::vector<MemoryPart> memory;
  std::vector<report::EngineStat> engine_stats;  // after the case
  std::uint64_t rss_peak_bytes = 0;
};

struct FloorReply {
  double median_ns_per_token_batch_1 = 0;
  double p999_ns_per_token_batch_1 = 0;
  double median_ns_per_token_batch_64 = 0;
};

struct GenerateReply {
  std::vector<std::int32_t> tokens;
};

struct DoneReply {};  // reset, convert

// The request could not be done; the worker lives on.
struct FailedReply {
  run::Outcome outcome;
};

// Some times a second, whatever the worker is at.
struct Heartbeat {
  std::string stage;                           // of a load, a few words
  double fraction = 0;                         // of a load
  std::uint64_t tokens = 0;                    // seen so far in this case, warm-up included
  std::uint32_t rounds = 0;                    // ended so far in this case, warm-up included
  std::optional<std::uint32_t> warmup_rounds;  // once the warm-up is over: what it took
  double half_width_percent = 0;               // of the rate's interval so far; 0: none yet
};

struct LogLine {
  int level = 0;  // lmbench::LogLevel
  std::string text;
};

using Reply = std::variant<DescribeReply, LoadReply, CaseReply, FloorReply, GenerateReply,
                           DoneReply, FailedReply, Heartbeat, LogLine>;

std::string encode(const Request& request);
std::string encode(const Reply& reply);
Request decode_request(std::string_view text);  // throws Error
Reply decode_reply(std::string_view text);      // throws Error

}  // namespace lmbench::process
