// SPDX-License-Identifier: Apache-2.0
#include "process/roofline_row.hpp"

#include <doctest/doctest.h>

using namespace lmbench;
using namespace lmbench::process;
using report::CaseResultRow;
using run::Status;

namespace {

constexpr std::uint64_t kCache = 32U << 20U;

// Steps of 20 ms with one sequence of about 1000 tokens; prefill of 1000 tokens per second.
CaseResultRow row_of_steady_steps() {
  CaseResultRow row;
  row.concurrency = 1;
  row.prompt_tokens = 1000;
  row.completion_tokens = 11;
  row.tp = "1";
  row.metrics.emplace();
  row.metrics->requests = 1;
  row.metrics->test_ns = 1200e6;
  row.metrics->tokens_per_event = 1;
  row.metrics->steady_step_ns = 20e6;
  row.metrics->steady_mean_batch = 1;
  row.metrics->steady_context_tokens = 1000;
  row.metrics->prefill_tok_s = 1000;
  return row;
}

// Reads 1e9 bytes of weights and 1e4 of a token.
CaseResult result_of(const std::optional<PeakFigures>& peak) {
  CaseResult result;
  result.reply.emplace();
  result.load.emplace();
  result.load->model.emplace();
  result.load->model->parameters = 500'000'000;
  result.load->model->weight_bytes_per_step = 1e9;
  result.load->model->kv_bytes_per_token = 1e4;
  result.load->peak = peak;
  return result;
}

PeakFigures peak_of(double bytes_per_s, bool is_measured) {
  return {.bytes_per_s = bytes_per_s,
          .flops_per_s = 1e13,
          .is_measured = is_measured,
          .device_name = "some device"};
}

}  // namespace

TEST_CASE("without a peak the bandwidth that the engine expects gives shares and no judgement") {
  CaseResult result = result_of({});
  result.load->model->read_bytes_per_s = 101e9;
  CaseResultRow row = row_of_steady_steps();
  add_roofline({}, result, kCache, row);
  CHECK(row.roofline.decode_mbu_percent.value() == doctest::Approx(50));
  CHECK_FALSE(row.roofline.prefill_mfu_percent);
  result.load->model->read_bytes_per_s = 25e9;
  row = row_of_steady_steps();
  add_roofline({}, result, kCache, row);
  CHECK(row.outcome.status == Status::ok);
  CHECK(row.roofline.decode_mbu_percent.value() > 200);
  CHECK(row.flags.empty());
}

TEST_CASE("the engine's own peak gives the shares of a row") {
  CaseResultRow row = row_of_steady_steps();
  add_roofline({}, result_of(peak_of(101e9, true)), kCache, row);
  CHECK(row.roofline.decode_mbu_percent.value() == doctest::Approx(50));
  CHECK(row.roofline.prefill_mfu_percent.value() == doctest::Approx(10));
  CHECK(row.roofline.roofline_percent.has_value());
  CHECK(row.outcome.status == Status::ok);
  CHECK(row.flags.empty());
}

TEST_CASE("faster than a nominal peak is invalid, faster than a measured one has a flag") {
  CaseResultRow nominal = row_of_steady_steps();
  add_roofline({}, result_of(peak_of(10e9, false)), kCache, nominal);
  CHECK(nominal.outcome.status == Status::invalid);
  CHECK(nominal.outcome.reason == "below_roofline");
  CHECK(nominal.roofline.decode_mbu_percent.value() == doctest::Approx(505));

  CaseResultRow measured = row_of_steady_steps();
  add_roofline({}, result_of(peak_of(10e9, true)), kCache, measured);
  CHECK(measured.outcome.status == Status::ok);
  CHECK(measured.flags == std::vector<std::string>{"below_roofline"});
}

TEST_CASE("a peak that the scenario states is nominal, and takes the place of the engine's") {
  const scenario::Engine stated{.plugin = "sim",
                                .options = {},
                                .environment = {},
                                .device_peak_bytes_per_s = 10e9,
                                .device_peak_flops_per_s = {},
                                .cpus = {}};
  CaseResultRow row = row_of_steady_steps();
  add_roofline(stated, result_of(peak_of(101e9, true)), kCache, row);
  CHECK(row.outcome.status == Status::invalid);
  CHECK(row.roofline.prefill_mfu_percent.value() == doctest::Approx(10));  // the engine's

  CaseResultRow without_engine = row_of_steady_steps();
  add_roofline(stated, result_of({}), kCache, without_engine);
  CHECK(without_engine.outcome.status == Status::invalid);
  CHECK_FALSE(without_engine.roofline.prefill_mfu_percent.has_value());
}

TEST_CASE("a case that was invalid before keeps its reason") {
  CaseResultRow row = row_of_steady_steps();
  row.outcome = {Status::invalid, "cached_prompts"};
  add_roofline({}, result_of(peak_of(10e9, false)), kCache, row);
  CHECK(row.outcome.reason == "cached_prompts");
}

TEST_CASE("devices are those of tp or those that hold memory, whichever are more") {
  CaseResultRow row = row_of_steady_steps();
  row.tp = "2";
  add_roofline({}, result_of(peak_of(101e9, true)), kCache, row);
  CHECK(row.roofline.prefill_mfu_percent.value() == doctest::Approx(5));

  CaseResult four = result_of(peak_of(101e9, true));
  for (const std::int32_t device : {0, 1, 2, 3}) {
    four.reply->memory.push_back({"weights", device, 1, 1, 1});
  }
  add_roofline({}, four, kCache, row);
  CHECK(row.roofline.prefill_mfu_percent.value() == doctest::Approx(2.5));
}

TEST_CASE("the CPU's cache matters where the engine works on the CPU") {
  constexpr std::uint64_t kHuge = 1U << 30U;
  CaseResult result = result_of(peak_of(10e9, false));
  result.load->model->weight_bytes_per_step = 2e9;
  CaseResultRow on_cpu = row_of_steady_steps();
  result.reply->memory = {{"weights", -1, 1, 1, 1}};
  add_roofline({}, result, kHuge, on_cpu);
  CHECK(on_cpu.outcome.status == Status::ok);
  CHECK_FALSE(on_cpu.roofline.decode_mbu_percent.has_value());

  CaseResultRow on_device = row_of_steady_steps();
  result.reply->memory = {{"weights", 0, 1, 1, 1}};
  add_roofline({}, result, kHuge, on_device);
  CHECK(on_device.outcome.status == Status::invalid);
}

TEST_CASE("an engine that does not tell its model is not judged") {
  CaseResultRow row = row_of_steady_steps();
  CaseResult result = result_of(peak_of(1, false));
  result.load->model.reset();
  add_roofline({}, result, kCache, row);
  CHECK(row.outcome.status == Status::ok);
  CHECK_FALSE(row.roofline.roofline_percent.has_value());
}
