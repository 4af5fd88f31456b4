// SPDX-License-Identifier: Apache-2.0
#include "run/harness_floor.hpp"

#include <doctest/doctest.h>

#include "case_setup.hpp"
#include "error.hpp"

using namespace case_setup;

namespace {

// As the null engine: a step of all requests in one call, the next one at once.
Code step_through(scripted::ScriptedEngine& engine, std::span<const Request> requests,
                  std::uint32_t& accepted) {
  accepted = static_cast<std::uint32_t>(requests.size());
  const std::uint32_t steps = requests[0].max_new_tokens;
  std::vector<Event> events;
  for (const Request& request : requests) events.push_back(scripted::tokens_of(request.id, 1));
  for (std::uint32_t step = 1; step <= steps; ++step) {
    if (step == steps) {
      for (Event& event : events) event = scripted::end_of(event.request, 1);
    }
    engine.deliver(events);
  }
  return Code::ok;
}

}  // namespace

TEST_CASE("the floor is the distance of two stamps, shared by the tokens of a step") {
  ScriptedLaunch scripted(step_through);
  // One reading of the ticking clock a step, and each reading is one nanosecond later.
  const run::HarnessFloor floor = run::measure_harness_floor(scripted.launch());
  CHECK(floor.median_ns_per_token_batch_1 == 1.0);
  CHECK(floor.p999_ns_per_token_batch_1 == 1.0);
  CHECK(floor.median_ns_per_token_batch_64 == 1.0 / 64);
}

TEST_CASE("an engine that does not run has no floor") {
  ScriptedLaunch scripted([](auto&, auto, auto&) { return Code::internal; });
  CHECK_THROWS_AS(run::measure_harness_floor(scripted.launch()), Error);
}
