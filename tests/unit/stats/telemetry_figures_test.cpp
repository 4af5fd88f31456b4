// SPDX-License-Identifier: Apache-2.0
#include "stats/telemetry_figures.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "scripted_record.hpp"
#include "stats/sampled_series.hpp"
#include "stats/throttle_reasons.hpp"

using namespace lmbench::stats;
using lmbench::test::ns_of;
using lmbench::test::ScriptedRecord;

namespace {

// Ten rounds of 200 ms, one after the other from 0 on: a test phase of 2 s, 40 tokens.
CaseRecord ten_rounds() {
  ScriptedRecord record(8, true);
  for (std::uint32_t round = 0; round < 10; ++round) {
    const double due = 200.0 * round;
    record.add({.round = round,
                .due_ms = due,
                .events = {{due + 50, 1}, {due + 100, 1}, {due + 150, 1}, {due + 200, 1}}});
  }
  return record.record();
}

// A look every 200 ms, in the middle of each round, and one before and behind.
template <class Sample, class Change>
std::vector<Sample> looks(const Change& change) {
  std::vector<Sample> samples;
  for (int i = -1; i <= 10; ++i) {
    Sample sample;
    sample.t_ns = ns_of(200.0 * i + 100);
    change(i, sample);
    samples.push_back(sample);
  }
  return samples;
}

TelemetrySamples with_devices(const std::function<void(int, DeviceSample&)>& change) {
  return {.host = {}, .devices = looks<DeviceSample>(change)};
}

TelemetrySamples with_host(const std::function<void(int, HostSample&)>& change) {
  return {.host = looks<HostSample>(change), .devices = {}};
}

}  // namespace

TEST_CASE("a counter grows in a straight line between looks, and not where they are too few") {
  const Series counter = {{0, 0}, {100, 10}, {200, 40}};
  CHECK(growth_in(counter, {0, 200}).value_or(-1) == doctest::Approx(40));
  CHECK(growth_in(counter, {50, 150}).value_or(-1) == doctest::Approx(20));
  CHECK(growth_in(counter, {0, 250}).value_or(-1) == doctest::Approx(50));
  CHECK_FALSE(growth_in(counter, {0, 400}));
  CHECK_FALSE(growth_in({{0, 5}, {100, 3}}, {0, 100}));
  CHECK_FALSE(growth_in({}, {0, 100}));
  CHECK(mean_in(counter, {50, 200}).value_or(-1) == doctest::Approx(25));
  CHECK_FALSE(mean_in(counter, {110, 190}));
}

TEST_CASE("memory is what came beyond the use before load, at most, in all of the case") {
  const auto samples = with_devices([](int i, DeviceSample& s) {
    s.before_load_bytes = 1000;
    s.used_bytes = i == -1 ? 9000 : 5000;
    s.worker_bytes = 4000;
  });
  const auto figures = telemetry_figures(ten_rounds(), samples);
  CHECK(figures.devices == 1);
  CHECK(figures.device_samples == 10);
  CHECK(figures.device_peak_bytes == 8000);
  CHECK(figures.process_peak_bytes == 4000);
}

TEST_CASE("clocks are means, heat a maximum, power a sum over devices") {
  auto samples = with_devices([](int i, DeviceSample& s) {
    s.sm_clock_mhz = i % 2 == 0 ? 1900 : 1700;
    s.temperature_c = i == 10 ? 99 : 60 + i;  // the last look is behind the test phase
    s.power_w = 300;
  });
  const auto second = samples.devices;
  for (DeviceSample sample : second) {
    sample.device = 1;
    samples.devices.push_back(sample);
  }
  const auto figures = telemetry_figures(ten_rounds(), samples);
  CHECK(figures.sm_clock_mhz.value_or(0) == doctest::Approx(1800));
  CHECK(figures.temperature_c == 69);
  CHECK(figures.power_w.value_or(0) == doctest::Approx(600));
  CHECK(figures.energy_j.value_or(0) == doctest::Approx(1200));  // 2 s, no counter
  CHECK(figures.energy_per_token_j.value_or(0) == doctest::Approx(30));
  CHECK_FALSE(figures.process_peak_bytes);
}

TEST_CASE("energy is that of the counter where there is one, and empty for a short phase") {
  const auto count = [](int i, DeviceSample& s) {
    s.energy_mj = 50'000 + static_cast<std::uint64_t>(20'000 * (i + 1));  // 100 W
    s.power_w = 1;
  };
  CHECK(telemetry_figures(ten_rounds(), with_devices(count)).energy_j.value_or(0) ==
        doctest::Approx(200));
  ScriptedRecord brief(8, true);
  brief.add({.events = {{50, 1}, {900, 1}}});
  CHECK_FALSE(telemetry_figures(brief.record(), with_devices(count)).energy_j);
}

TEST_CASE("more than a fifth of rounds with a slowdown are throttled, a power cap is none") {
  const auto throttled_in = [](int rounds, std::uint64_t reason) {
    return telemetry_figures(ten_rounds(), with_devices([&](int i, DeviceSample& s) {
                               s.throttle_reasons = i >= 0 && i < rounds ? reason : 0;
                             }));
  };
  CHECK(throttled_in(2, kHardwareThermalSlowdown).throttled_rounds == 2);
  CHECK_FALSE(throttled_in(2, kHardwareThermalSlowdown).is_throttled());
  CHECK(throttled_in(3, kHardwareThermalSlowdown).is_throttled());
  CHECK(throttled_in(3, kHardwarePowerBrake).is_throttled());
  CHECK(throttled_in(10, kSoftwarePowerCap).throttled_rounds == 0);
  CHECK(throttled_in(10, kSoftwarePowerCap).throttle_reasons == kSoftwarePowerCap);
  CHECK_FALSE(telemetry_figures(ten_rounds(), {}).throttled_rounds);
  CHECK_FALSE(telemetry_figures(ten_rounds(), {}).is_throttled());
}

TEST_CASE("a foreign process counts when it is there in the test phase") {
  const auto at = [](int place) {
    return telemetry_figures(ten_rounds(), with_devices([&](int i, DeviceSample& s) {
                               s.foreign_processes = i == place ? 1 : 0;
                             }));
  };
  CHECK(at(5).has_foreign_process());
  CHECK_FALSE(at(-1).has_foreign_process());
}

TEST_CASE("where process ids are hidden, memory that was taken before is the sign of another") {
  const auto before = [](std::uint64_t bytes) {
    return telemetry_figures(ten_rounds(), with_devices([&](int, DeviceSample& s) {
                               s.has_hidden_pids = true;
                               s.before_load_bytes = bytes;
                             }));
  };
  CHECK(before(1ULL << 30U).has_foreign_process());
  CHECK_FALSE(before(8ULL << 20U).has_foreign_process());
}

TEST_CASE("the machine's load is what others took of all CPUs") {
  // Each 200 ms of 2 CPUs: others 20 ms, the worker 300 ms, lmbench 4 ms, stolen 8 ms.
  const auto figures = telemetry_figures(
      ten_rounds(), with_host([](int i, HostSample& s) {
        const auto n = static_cast<std::uint64_t>(i + 1);
        s.cpus = 2;
        s.busy_ns = n * 324'000'000;
        s.worker_cpu_ns = n * 300'000'000;
        s.lmbench_cpu_ns = n * 4'000'000;
        s.steal_ns = n * 8'000'000;
        s.cpu_pressure_us = n * 20'000;
        s.package_uj = n * 10'000'000;
        s.proportional_bytes = i == 3 ? std::optional<std::uint64_t>(7000) : std::nullopt;
      }));
  CHECK(figures.other_load_percent.value_or(0) == doctest::Approx(5));
  CHECK(figures.worker_cpus.value_or(0) == doctest::Approx(1.5));
  CHECK(figures.steal_percent.value_or(0) == doctest::Approx(2));
  CHECK(figures.cpu_pressure_percent.value_or(0) == doctest::Approx(10));
  CHECK(figures.cpu_energy_j.value_or(0) == doctest::Approx(100));
  CHECK(figures.cpu_energy_per_token_j.value_or(0) == doctest::Approx(2.5));
  CHECK(figures.pss_peak_bytes == 7000);
  CHECK(figures.has_host_load());
}

TEST_CASE("an idle machine is no load, and neither is one that tells nothing") {
  const auto figures = telemetry_figures(ten_rounds(), with_host([](int i, HostSample& s) {
                                           const auto n = static_cast<std::uint64_t>(i + 1);
                                           s.cpus = 2;
                                           s.busy_ns = n * 204'000'000;
                                           s.worker_cpu_ns = n * 200'000'000;
                                           s.lmbench_cpu_ns = n * 2'000'000;
                                           s.steal_ns = 0;
                                         }));
  CHECK(figures.other_load_percent.value_or(9) == doctest::Approx(0.5));
  CHECK_FALSE(figures.has_host_load());
  CHECK_FALSE(telemetry_figures(ten_rounds(), {}).has_host_load());
}

TEST_CASE("throttle reasons have their names, unknown ones their number") {
  CHECK(throttle_reasons_text(0).empty());
  CHECK(throttle_reasons_text(kGpuIdle).empty());
  CHECK(throttle_reasons_text(kSoftwarePowerCap | kHardwareThermalSlowdown) ==
        "sw_power_cap hw_thermal_slowdown");
  CHECK(throttle_reasons_text(0x1000) == "bits_4096");
}
