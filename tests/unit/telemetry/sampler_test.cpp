// SPDX-License-Identifier: Apache-2.0
#include "telemetry/sampler.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <ctime>
#include <thread>

#include "fake_nvml.hpp"

using lmbench::telemetry::has_stray_thread;
using lmbench::telemetry::Sampler;
using lmbench::telemetry::SamplerOptions;
using lmbench::test::FakeNvml;
using namespace std::chrono_literals;

TEST_CASE("the machine and a worker are looked at again and again, in order of time") {
  Sampler sampler({.period = 100ms,
                   .visible_devices = {},
                   .nvml_library = "libnvidia-ml-that-is-not-there.so.1",
                   .root = "/"});
  REQUIRE(sampler.wait_for_first_look(10s));
  sampler.worker_is(static_cast<std::uint32_t>(::getpid()));
  while (std::clock() < CLOCKS_PER_SEC / 20) {  // some ticks of the kernel, to be seen
  }
  lmbench::stats::TelemetrySamples all = sampler.take();
  while (all.host.size() < 4) {
    std::this_thread::sleep_for(20ms);
    const auto more = sampler.take();
    all.host.insert(all.host.end(), more.host.begin(), more.host.end());
  }
  for (std::size_t i = 1; i < all.host.size(); ++i) {
    CHECK(all.host[i].t_ns > all.host[i - 1].t_ns);
  }
  CHECK(all.host.back().busy_ns.value_or(0) > 0);
  CHECK(all.host.back().worker_cpu_ns.value_or(0) > 0);
  CHECK(all.host.back().resident_bytes.value_or(0) > 1'000'000);
  CHECK(all.host.back().is_worker_in_process);
  CHECK(all.devices.empty());
  CHECK(sampler.device_facts().empty());
  const double per_look_ms =
      static_cast<double>(sampler.cpu_ns()) / 1e6 / static_cast<double>(all.host.size());
  MESSAGE("a look at machine and worker costs ", per_look_ms, " ms of CPU time");
}

TEST_CASE("a device without the worker on it is not looked at, but known") {
  const FakeNvml fake("foreign 4711\nsample 1000 1980 2619 65 350000 1 0x0\n");
  Sampler sampler(
      {.period = 100ms, .visible_devices = {}, .nvml_library = fake.library(), .root = "/"});
  REQUIRE(sampler.wait_for_first_look(10s));
  CHECK(sampler.take().devices.empty());
  CHECK(sampler.device_facts().size() == 1);
}

// The last case: what is given up stays.
TEST_CASE("a library that hangs is waited for as long as was said, and then given up") {
  CHECK_FALSE(has_stray_thread());
  {
    const FakeNvml fake("hang\n");
    Sampler sampler(
        {.period = 100ms, .visible_devices = {}, .nvml_library = fake.library(), .root = "/"});
    CHECK_FALSE(sampler.wait_for_first_look(200ms));
    std::this_thread::sleep_for(150ms);
    CHECK(sampler.take().host.size() >= 2);  // the machine is looked at all the same
  }
  CHECK(has_stray_thread());
}
