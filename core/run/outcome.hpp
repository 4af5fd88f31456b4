// How a case ended. Every planned case has exactly one outcome and one row.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lmbench::run {

enum class Status {
  ok,            // all rounds, all tokens, no guard
  invalid,       // complete, but a guard failed: numbers are written and marked
  oom,           // out of memory at load or in a request, killed by the memory killer
  crash,         // signal or unexpected exit of the worker
  hang,          // no token, heartbeat or load progress for the stall limit
  timeout,       // progressing, but over the case limit
  short_output,  // a request ended with fewer tokens than asked for
  unsupported,   // the engine said it cannot do this case
  load_failed,   // load() failed for any other reason
  bad_plugin,    // wrong ABI, missing symbol, broken contract
  interrupted,   // stopped by the user
  skipped,       // not run: an earlier case failed for a reason that this case shares
};

std::string_view name_of(Status status) noexcept;
Status status_from(std::string_view name);  // throws Error for an unknown name

// Whether the numbers of a case with this status may be shown.
constexpr bool has_numbers(Status status) noexcept {
  return status == Status::ok || status == Status::invalid;
}

struct Outcome {
  Status status = Status::ok;
  std::string reason;  // one sentence or a reason code such as "token_count"; empty when ok
};

}  // namespace lmbench::run
