// SPDX-License-Identifier: Apache-2.0
#include "schedule.hpp"

#include <cstdlib>
#include <string>

#include "launch.hpp"

namespace simt {
namespace {

Schedule from_environment() {
  Schedule schedule;
  const char* const order = std::getenv("SIMT_ORDER");
  const std::string name = order == nullptr ? "forward" : order;
  if (name == "reverse") {
    schedule.order = Order::reverse;
  } else if (name == "random") {
    schedule.order = Order::random;
  } else if (name != "forward") {
    throw Error("SIMT_ORDER is '" + name + "', not forward, reverse or random");
  }
  if (const char* const seed = std::getenv("SIMT_SEED")) schedule.seed = std::stoull(seed);
  return schedule;
}

}  // namespace

const Schedule& schedule() {
  static const Schedule instance = from_environment();
  return instance;
}

}  // namespace simt
