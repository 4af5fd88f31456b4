// An engine inside of a job that a launcher started (launched_job.hpp): what it knows of the job, and how
// it calls the ranks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "turbomind/ranks/remote_ranks.hpp"

namespace turbomind {

constexpr const char* kJobVariable = "TURBOMIND_JOB";  // set by rank 0 for its command
constexpr std::uint32_t kEngineRank = ~0U;             // Hello::rank of an engine that calls
constexpr std::uint32_t kCall = 100;                   // Message::kind of the call

std::vector<std::byte> serialise(const Meeting& meeting);
Meeting parse_meeting(std::span<const std::byte> bytes);

// What an engine inside of such a job knows of it.
struct JobControl {
  std::uint16_t port;  // where this host's turbomind_rank listens
  std::string secret;
  std::uint32_t ranks;
  std::uint32_t local_rank;  // of rank 0
};

// Nothing: no job. From TURBOMIND_JOB, which rank 0 sets for its command.
std::optional<JobControl> job_control();

// Has all ranks of the job come to the meeting. Throws Error.
void call_job(const JobControl& control, const Meeting& meeting);

// The text of kJobVariable.
std::string job_text(const JobControl& control);

}  // namespace turbomind
