// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_roofline.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "sim_run.hpp"

using namespace lmbench;
using namespace sim_run;

namespace {

class StepList final : public IStepSink {
 public:
  virtual ~StepList() = default;
  void on_steps(const StepWork* steps, std::uint32_t count) noexcept override {
    all.insert(all.end(), steps, steps + count);
  }
  std::vector<StepWork> all;
};

IRoofline& roofline_of(IGenerationEngine& engine) {
  return *static_cast<IRoofline*>(engine.extension(sdk::abi("lmbench.roofline/1")));
}

}  // namespace

TEST_CASE("the work of a step follows from the model that the options describe") {
  StepList steps;
  {
    Run run({{"step_us", 100.0},
             {"parameters", std::int64_t{1000}},
             {"weight_bytes", 2000.0},
             {"kv_bytes_per_token", 10.0}});
    roofline_of(run.engine()).attach(&steps);
    const std::uint64_t start_ns = run.now_ns();
    run.submit({1, 2}, 8, 3);
    run.wait_for(2);
    CHECK(steps.all.at(0).end_ns == start_ns + 100'000);
    roofline_of(run.engine()).attach(nullptr);
    run.submit({3}, 8, 3);
    run.wait_for(3);
  }
  REQUIRE(steps.all.size() == 3);
  // The prefill of 2 * 8 tokens, then one token of each, with 9 and 10 tokens before it.
  CHECK(steps.all[0].prefill_tokens == 16);
  CHECK(steps.all[0].decode_tokens == 0);
  CHECK(steps.all[0].sequences == 2);
  CHECK(steps.all[0].weight_bytes == 2000);
  CHECK(steps.all[0].kv_bytes == 2 * 8 * 10);
  CHECK(steps.all[0].flops == 2 * 1000 * 16);
  CHECK(steps.all[1].prefill_tokens == 0);
  CHECK(steps.all[1].decode_tokens == 2);
  CHECK(steps.all[1].kv_bytes == 2 * 9 * 10);
  CHECK(steps.all[1].flops == 2 * 1000 * 2);
  CHECK(steps.all[2].step == 3);
  CHECK(steps.all[2].kv_bytes == 2 * 10 * 10);
}

TEST_CASE("the peak is the one of the options, and without one there is none") {
  DevicePeak peak{};
  Run without({{"step_us", 1.0}});
  CHECK(roofline_of(without.engine()).peak(&peak, without.error_text()) == Code::unsupported);
  Run run({{"peak_bytes_per_s", 1e9}});
  REQUIRE(roofline_of(run.engine()).peak(&peak, run.error_text()) == Code::ok);
  CHECK(peak.bytes_per_s == 1e9);
  CHECK(peak.flops_per_s == 0);
  CHECK(peak.measured == 0);
  Run unloaded;
  CHECK(roofline_of(unloaded.engine()).peak(&peak, unloaded.error_text()) ==
        Code::failed_precondition);
  sim::SimOptions options;
  options.peak_flops_per_s = 5;
  options.is_peak_measured = true;
  REQUIRE(sim::device_peak(options, peak));
  CHECK(peak.measured == 1);
}
