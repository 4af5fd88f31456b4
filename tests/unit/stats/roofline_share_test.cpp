// SPDX-License-Identifier: Apache-2.0
#include "stats/roofline_share.hpp"

#include <doctest/doctest.h>

using namespace lmbench::stats;

namespace {

constexpr double kMs = 1e6;

// 1e9 parameters of two bytes, all of them read in a step; 1e5 bytes of keys and values per token.
constexpr ModelWork kModel{
    .parameters = 1e9, .weight_bytes_per_step = 2e9, .kv_bytes_per_token = 1e5, .devices = 1};

// Reads the weights in 20 ms; 1000 tokens of the model take 100 ms.
constexpr DeviceLimits kNominal{.read_bytes = {.per_s = 1e11, .is_measured = false},
                                .operations = {.per_s = 2e13, .is_measured = false},
                                .cache_bytes = 32e6};

constexpr CaseShape kShape{.concurrency = 4, .prompt_tokens = 1000, .completion_tokens = 3};

// Two rounds of kShape. A decode step reads 2e9 + 4 * 1001.5 * 1e5 = 2.4006e9 bytes: 24.006 ms.
CaseMetrics case_with_step(double step_ms) {
  CaseMetrics m;
  m.requests = 8;
  m.test_ns = 2000 * kMs;
  m.tokens_per_event = 1;
  m.steady_step_ns = step_ms * kMs;
  m.steady_mean_batch = 4;
  m.steady_context_tokens = 1001.5;
  m.prefill_tok_s = 8000;  // the peak is 10000
  return m;
}

DeviceLimits measured() {
  DeviceLimits limits = kNominal;
  limits.read_bytes.is_measured = true;
  limits.operations.is_measured = true;
  return limits;
}

RooflineShare share_of(const CaseMetrics& m, const ModelWork& model = kModel,
                       const DeviceLimits& limits = kNominal) {
  return roofline_share(m, kShape, model, limits);
}

}  // namespace

TEST_CASE("a step is held against the time to read weights, keys and values once") {
  CHECK(share_of(case_with_step(30)).decode_mbu_percent.value() == doctest::Approx(80.02));
}

TEST_CASE("a prefill is held against two operations for each parameter and prompt token") {
  CHECK(share_of(case_with_step(30)).prefill_mfu_percent.value() == doctest::Approx(80));
  ModelWork two_devices = kModel;
  two_devices.devices = 2;
  CHECK(share_of(case_with_step(30), two_devices).prefill_mfu_percent.value() ==
        doctest::Approx(40));
}

TEST_CASE("a case is held against its prefills and its decode steps, each by its own limit") {
  // A round: 4000 prompt tokens in 400 ms; steps that read 2.4004e9 and 2.4008e9 bytes. Two of them
  // in 2000 ms.
  CHECK(share_of(case_with_step(30)).roofline_percent.value() ==
        doctest::Approx(2 * (400 + 24.004 + 24.008) / 2000 * 100));
  // 500 sequences of one token: 2e9 + 500 * 2 * 1e5 bytes take 21 ms, the arithmetic 50 ms.
  const CaseShape wide{.concurrency = 500, .prompt_tokens = 1, .completion_tokens = 2};
  CaseMetrics m = case_with_step(60);
  m.requests = 500;
  CHECK(roofline_share(m, wide, kModel, kNominal).roofline_percent.value() ==
        doctest::Approx((50 + 50) / 2000.0 * 100));
}

TEST_CASE("a prefill of few tokens takes at least the time to read the weights") {
  const CaseShape tiny{.concurrency = 1, .prompt_tokens = 1, .completion_tokens = 1};
  CaseMetrics m = case_with_step(60);
  m.requests = 1;
  CHECK(roofline_share(m, tiny, kModel, kNominal).roofline_percent.value() ==
        doctest::Approx(20 / 2000.0 * 100));
}

TEST_CASE("a step faster than its bytes can be read has passed the roofline") {
  CHECK(passed_roofline(case_with_step(24.1), kModel, kNominal) == RooflinePassed::nothing);
  // 0.95 * 24.006 ms = 22.806 ms.
  CHECK(passed_roofline(case_with_step(22.81), kModel, kNominal) == RooflinePassed::nothing);
  CHECK(passed_roofline(case_with_step(22.80), kModel, kNominal) == RooflinePassed::nominal_peak);
  CHECK(passed_roofline(case_with_step(22.80), kModel, measured()) ==
        RooflinePassed::measured_peak);
}

TEST_CASE("a prefill faster than its arithmetic has passed the roofline") {
  CaseMetrics m = case_with_step(30);
  m.prefill_tok_s = 10'520;  // 1 / 0.95 of the peak is 10526
  CHECK(passed_roofline(m, kModel, kNominal) == RooflinePassed::nothing);
  m.prefill_tok_s = 10'530;
  CHECK(passed_roofline(m, kModel, kNominal) == RooflinePassed::nominal_peak);
  CHECK(passed_roofline(m, kModel, measured()) == RooflinePassed::measured_peak);
  ModelWork two_devices = kModel;
  two_devices.devices = 2;
  two_devices.weight_bytes_per_step /= 2;
  CHECK(passed_roofline(m, two_devices, kNominal) == RooflinePassed::nothing);
}

TEST_CASE("of a mixture of experts only what a token uses can be missing") {
  ModelWork experts = kModel;
  experts.parameters = 8e9;  // of which a step reads 1e9
  CaseMetrics m = case_with_step(30);
  m.prefill_tok_s = 10'520;
  CHECK(passed_roofline(m, experts, kNominal) == RooflinePassed::nothing);
  m.prefill_tok_s = 10'530;
  CHECK(passed_roofline(m, experts, kNominal) == RooflinePassed::nominal_peak);
}

TEST_CASE("the worse of a nominal and a measured limit counts") {
  DeviceLimits mixed = kNominal;
  mixed.read_bytes.is_measured = true;
  CaseMetrics m = case_with_step(20);
  CHECK(passed_roofline(m, kModel, mixed) == RooflinePassed::measured_peak);
  m.prefill_tok_s = 20'000;
  CHECK(passed_roofline(m, kModel, mixed) == RooflinePassed::nominal_peak);
}

TEST_CASE("several tokens in an event say nothing about the passes behind them") {
  CaseMetrics m = case_with_step(1);
  m.tokens_per_event = 1.5;
  CHECK(passed_roofline(m, kModel, kNominal) == RooflinePassed::nothing);
  CHECK_FALSE(share_of(m).decode_mbu_percent.has_value());
  CHECK_FALSE(share_of(m).roofline_percent.has_value());
  CHECK(share_of(m).prefill_mfu_percent.has_value());
}

TEST_CASE("weights that a cache may hold need not be read from memory") {
  DeviceLimits limits = kNominal;
  limits.cache_bytes = 0.5e9;  // a quarter of the weights
  CHECK(share_of(case_with_step(1), kModel, limits).decode_mbu_percent.has_value());
  CHECK(passed_roofline(case_with_step(1), kModel, limits) == RooflinePassed::nominal_peak);
  for (const std::optional<double> cache : {std::optional(0.51e9), std::optional<double>()}) {
    limits.cache_bytes = cache;
    CHECK_FALSE(share_of(case_with_step(1), kModel, limits).decode_mbu_percent.has_value());
    CHECK_FALSE(share_of(case_with_step(1), kModel, limits).roofline_percent.has_value());
    CHECK(passed_roofline(case_with_step(1), kModel, limits) == RooflinePassed::nothing);
  }
}

TEST_CASE("what is not known is empty, and accuses nobody") {
  DeviceLimits no_reading = kNominal;
  no_reading.read_bytes.per_s = 0;
  CHECK_FALSE(share_of(case_with_step(1), kModel, no_reading).decode_mbu_percent.has_value());
  CHECK_FALSE(share_of(case_with_step(1), kModel, no_reading).roofline_percent.has_value());
  CHECK(passed_roofline(case_with_step(1), kModel, no_reading) == RooflinePassed::nothing);

  DeviceLimits no_arithmetic = kNominal;
  no_arithmetic.operations.per_s = 0;
  CaseMetrics fast = case_with_step(30);
  fast.prefill_tok_s = 1e9;
  CHECK_FALSE(share_of(fast, kModel, no_arithmetic).prefill_mfu_percent.has_value());
  CHECK_FALSE(share_of(fast, kModel, no_arithmetic).roofline_percent.has_value());
  CHECK(share_of(fast, kModel, no_arithmetic).decode_mbu_percent.has_value());
  CHECK(passed_roofline(fast, kModel, no_arithmetic) == RooflinePassed::nothing);

  const RooflineShare unknown_model = share_of(fast, ModelWork{});
  CHECK_FALSE(unknown_model.decode_mbu_percent.has_value());
  CHECK_FALSE(unknown_model.prefill_mfu_percent.has_value());
  CHECK_FALSE(unknown_model.roofline_percent.has_value());

  CaseMetrics no_window = case_with_step(1);
  no_window.steady_step_ns.reset();
  no_window.prefill_tok_s.reset();
  CHECK_FALSE(share_of(no_window).decode_mbu_percent.has_value());
  CHECK(passed_roofline(no_window, kModel, kNominal) == RooflinePassed::nothing);
}
