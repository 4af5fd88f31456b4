// SPDX-License-Identifier: Apache-2.0
#include "telemetry/nvml.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "fake_nvml.hpp"

using lmbench::stats::DeviceSample;
using lmbench::telemetry::Facts;
using lmbench::telemetry::Nvml;
using lmbench::test::FakeNvml;

namespace {

std::string fact(const Facts& facts, const std::string& name) {
  const auto found =
      std::find_if(facts.begin(), facts.end(), [&](const auto& f) { return f.first == name; });
  return found == facts.end() ? "absent" : found->second;
}

constexpr const char* kScript =
    "foreign 4711\nsample 1000 1980 2619 65 350000 120000 0x4\nsample 2000 1410 2619 90 200000 "
    "130000 0x40\n";

}  // namespace

TEST_CASE("without the library there is nothing, and no error") {
  CHECK(Nvml::open("libnvidia-ml-that-is-not-there.so.1") == nullptr);
}

TEST_CASE("what the library says is read in its units") {
  const FakeNvml fake(kScript);
  const auto nvml = Nvml::open(fake.library());
  REQUIRE(nvml != nullptr);
  REQUIRE(nvml->device_count() == 1);
  CHECK(nvml->uuid(0) == "GPU-fake");
  CHECK(nvml->used_bytes(0) == 1000);
  const auto processes = nvml->compute_processes(0);
  REQUIRE(processes);
  REQUIRE(processes->size() == 1);
  CHECK(processes->front().pid == 4711);
  DeviceSample sample;
  nvml->read_state(0, sample);
  CHECK(sample.sm_clock_mhz == 1980);
  CHECK(sample.memory_clock_mhz == 2619);
  CHECK(sample.temperature_c == 65);
  CHECK(sample.power_w == doctest::Approx(350));
  CHECK(sample.energy_mj == 120000);
  CHECK(sample.throttle_reasons == 0x4);
  nvml->read_state(0, sample);
  CHECK(sample.sm_clock_mhz == 1410);
  CHECK(sample.throttle_reasons == 0x40);
}

TEST_CASE("the facts of a device are those for the manifest, without what nobody says") {
  const FakeNvml fake(kScript);
  const auto nvml = Nvml::open(fake.library());
  REQUIRE(nvml != nullptr);
  const Facts facts = nvml->facts(0);
  CHECK(fact(facts, "name") == "Fake H100");
  CHECK(fact(facts, "driver_version") == "999.1");
  CHECK(fact(facts, "cuda_driver_version") == "13.2");
  CHECK(fact(facts, "ecc_mode") == "on");
  CHECK(fact(facts, "mig_mode") == "absent");
  CHECK(fact(facts, "power_limit_mw") == "absent");
}

TEST_CASE("what an older library lacks is not available, and the rest is") {
  const FakeNvml fake(kScript, "old");
  const auto nvml = Nvml::open(fake.library());
  REQUIRE(nvml != nullptr);
  CHECK(fact(nvml->facts(0), "cuda_driver_version") == "absent");
  REQUIRE(nvml->compute_processes(0));
  CHECK(nvml->compute_processes(0)->front().pid == 4711);
  DeviceSample sample;
  nvml->read_state(0, sample);
  CHECK_FALSE(sample.energy_mj);
  CHECK(sample.sm_clock_mhz == 1980);
}
