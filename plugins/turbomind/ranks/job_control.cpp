// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/job_control.hpp"

#include <cstdlib>
#include <lmbench/plugin.hpp>
#include <sstream>

#include "turbomind/scheduler/wire_format.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr double kCallTimeoutS = 5;

}  // namespace

std::vector<std::byte> serialise(const Meeting& meeting) {
  WireWriter out;
  out.put(meeting.port);
  out.put_text(meeting.secret);
  return out.take();
}

Meeting parse_meeting(std::span<const std::byte> bytes) {
  WireReader in(bytes, "call of an engine");
  Meeting meeting;
  meeting.port = in.get<std::uint16_t>();
  meeting.secret = in.get_text();
  in.finish();
  return meeting;
}

std::optional<JobControl> job_control() {
  const char* const job = std::getenv(kJobVariable);
  if (job == nullptr) return std::nullopt;
  std::istringstream text{std::string(job)};
  JobControl control{};
  if (!(text >> control.port >> control.secret >> control.ranks >> control.local_rank)) {
    throw Error(Code::failed_precondition,
                std::string(kJobVariable) + " is '" + job + "', which turbomind_rank never set");
  }
  return control;
}

void call_job(const JobControl& control, const Meeting& meeting) {
  const Socket socket = connect_to("127.0.0.1", control.port, after_seconds(kCallTimeoutS));
  const Hello hello{rank_build(), control.secret, kEngineRank, Line::work};
  send_message(socket, kHello, serialise(hello), after_seconds(kCallTimeoutS));
  send_message(socket, kCall, serialise(meeting), after_seconds(kCallTimeoutS));
}

std::string job_text(const JobControl& control) {
  return std::to_string(control.port) + ' ' + control.secret + ' ' + std::to_string(control.ranks) +
         ' ' + std::to_string(control.local_rank);
}

}  // namespace turbomind
