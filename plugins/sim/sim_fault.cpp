// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_fault.hpp"

#include <algorithm>
#include <array>
#include <lmbench/plugin.hpp>

namespace lmbench::sim {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 17> kNames = {"none",
                                                     "short_output",
                                                     "oom",
                                                     "refuse",
                                                     "wrong_count",
                                                     "foreign_token",
                                                     "cached_prompt",
                                                     "double_terminal",
                                                     "unknown_request",
                                                     "device_error",
                                                     "hang",
                                                     "slow",
                                                     "crash",
                                                     "abort",
                                                     "exit",
                                                     "bad_alloc",
                                                     "throw_in_submit"};
static_assert(kNames.size() == static_cast<std::size_t>(Fault::throw_in_submit) + 1);

Fault fault_from(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return static_cast<Fault>(found - kNames.begin());
  std::string all;
  for (const std::string_view known : kNames) {
    all += (all.empty() ? "" : ", ") + std::string(known);
  }
  throw sdk::Error(Code::invalid_argument,
                   "'fault' must be one of these, or several with commas between: " + all);
}

bool ends_the_process(Fault fault) noexcept {
  return fault == Fault::crash || fault == Fault::abort || fault == Fault::exit ||
         fault == Fault::bad_alloc;
}

}  // namespace

std::vector<Fault> faults_from(std::string_view text) {
  std::vector<Fault> faults;
  while (true) {
    const std::size_t comma = text.find(',');
    faults.push_back(fault_from(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (faults.size() == 1 && faults.front() == Fault::none) faults.clear();
  return faults;
}

std::string_view name_of(Fault fault) noexcept { return kNames[static_cast<std::size_t>(fault)]; }

bool can_happen(Fault fault, FaultAt place) noexcept {
  if (fault == Fault::none) return true;
  switch (place) {
    case FaultAt::load:
      return ends_the_process(fault) || fault == Fault::hang || fault == Fault::oom ||
             fault == Fault::device_error || fault == Fault::refuse;
    case FaultAt::teardown:
      return ends_the_process(fault) || fault == Fault::hang;
    default:
      return true;
  }
}

bool strikes_the_engine(Fault fault) noexcept {
  return ends_the_process(fault) || fault == Fault::hang || fault == Fault::device_error;
}

}  // namespace lmbench::sim
