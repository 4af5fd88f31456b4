// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_options.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "sim_run.hpp"

using namespace lmbench;
using sim_run::Config;

namespace {

std::string error_of(const Config& config) {
  try {
    sim::read_options(config.view());
  } catch (const sdk::Error& e) {
    return e.code() == Code::invalid_argument ? e.what() : "wrong code";
  }
  return "";
}

}  // namespace

TEST_CASE("without options nothing takes time and nothing fails") {
  const sim::SimOptions options = sim::read_options({nullptr, 0});
  CHECK(options.step_us == 0.0);
  CHECK(options.prefill_us_per_token == 0.0);
  CHECK(options.faults.empty());
  CHECK(options.tokens_per_event == 1);
}

TEST_CASE("each option reaches its place") {
  const Config config = {{"step_us", 1.5},
                         {"prefill_us_per_token", std::int64_t{2}},
                         {"step_us_per_sequence", 3.5},
                         {"step_us_per_kilotoken_context", 4.5},
                         {"jitter_percent", 5.5},
                         {"autocorrelation", 0.25},
                         {"startup_excess_percent", 6.5},
                         {"startup_time_constant_rounds", 7.5},
                         {"seed", std::int64_t{8}},
                         {"tokens_per_event", std::int64_t{9}},
                         {"max_batch_size", std::int64_t{10}},
                         {"vocab_size", std::int64_t{11}},
                         {"load_ms", std::int64_t{12}},
                         {"fault", "hang"},
                         {"fault_at", "teardown"},
                         {"fault_after_requests", std::int64_t{13}},
                         {"fault_concurrency", std::int64_t{14}}};
  const sim::SimOptions options = sim::read_options(config.view());
  CHECK(options.step_us == 1.5);
  CHECK(options.prefill_us_per_token == 2.0);
  CHECK(options.step_us_per_sequence == 3.5);
  CHECK(options.step_us_per_kilotoken_context == 4.5);
  CHECK(options.jitter_percent == 5.5);
  CHECK(options.autocorrelation == 0.25);
  CHECK(options.startup_excess_percent == 6.5);
  CHECK(options.startup_time_constant_rounds == 7.5);
  CHECK(options.seed == 8);
  CHECK(options.tokens_per_event == 9);
  CHECK(options.max_batch_size == 10);
  CHECK(options.vocab_size == 11);
  CHECK(options.load_ms == 12);
  CHECK(options.faults == std::vector{sim::Fault::hang});
  CHECK(options.fault_at == sim::FaultAt::teardown);
  CHECK(options.fault_after_requests == 13);
  CHECK(options.fault_concurrency == 14);
}

TEST_CASE("the model options of other engines and the runner's hints are accepted") {
  CHECK(error_of({{"model", "/m"},
                  {"weights", "dummy"},
                  {"device", "cpu"},
                  {"dtype", "bf16"},
                  {"tp", std::int64_t{8}},
                  {"lmbench.max_requests", std::int64_t{64}}}) == "");
}

TEST_CASE("an unknown option is refused by name") {
  CHECK(error_of({{"step_uss", 1.0}}).find("unknown key 'step_uss'") == 0);
}

TEST_CASE("an option of the wrong type or out of range is refused by name") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(error_of({{"step_us", "1"}}).find("'step_us'") == 0);
  CHECK(error_of({{"step_us", -1.0}}).find("'step_us'") == 0);
  CHECK(error_of({{"step_us", nan}}).find("'step_us'") == 0);
  CHECK(error_of({{"step_us", 1e300}}).find("'step_us'") == 0);
  CHECK(error_of({{"autocorrelation", 1.0}}).find("'autocorrelation'") == 0);
  CHECK(error_of({{"tokens_per_event", std::int64_t{0}}}).find("'tokens_per_event'") == 0);
  CHECK(error_of({{"max_batch_size", std::numeric_limits<std::int64_t>::max()}})
            .find("'max_batch_size'") == 0);
  CHECK(error_of({{"vocab_size", std::int64_t{3}}}).find("'vocab_size'") == 0);
  CHECK(error_of({{"fault", "fire"}}).find("'fault'") == 0);
  CHECK(error_of({{"model", std::int64_t{1}}}).find("'model'") == 0);
}

TEST_CASE("several faults are named with commas between") {
  const Config config = {{"fault", "crash,none,hang"}};
  CHECK(sim::read_options(config.view()).faults ==
        std::vector{sim::Fault::crash, sim::Fault::none, sim::Fault::hang});
  CHECK(error_of({{"fault", "crash,"}}).find("'fault'") == 0);
  CHECK(error_of({{"fault", ""}}).find("'fault'") == 0);
  CHECK(error_of({{"fault", "crash, hang"}}).find("'fault'") == 0);
}

TEST_CASE("a fault that cannot happen at its place is refused") {
  CHECK(error_of({{"fault", "short_output"}, {"fault_at", "load"}}) != "");
  CHECK(error_of({{"fault", "oom"}, {"fault_at", "teardown"}}) != "");
  CHECK(error_of({{"fault", "oom"}, {"fault_at", "load"}}) == "");
  CHECK(error_of({{"fault", "abort"}, {"fault_at", "teardown"}}) == "");
  CHECK(error_of({{"fault", "crash,oom"}, {"fault_at", "teardown"}}).find("'oom'") !=
        std::string::npos);
}
