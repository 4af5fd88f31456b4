// The names of outcomes, as they stand in results.csv.
// SPDX-License-Identifier: Apache-2.0
#include "run/outcome.hpp"

#include <array>

#include "error.hpp"

namespace lmbench::run {
namespace {

constexpr std::array<std::string_view, 12> kNames = {
    "ok",           "invalid",     "oom",         "crash",      "hang",        "timeout",
    "short_output", "unsupported", "load_failed", "bad_plugin", "interrupted", "skipped"};

}  // namespace

std::string_view name_of(Status status) noexcept {
  return kNames[static_cast<std::size_t>(status)];
}

Status status_from(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Status>(i);
  }
  throw Error("unknown status '" + std::string(name) + "'");
}

}  // namespace lmbench::run
