// SPDX-License-Identifier: Apache-2.0
#include "telemetry/sampler.hpp"

#include <atomic>
#include <mutex>
#include <utility>

#include "clock.hpp"
#include "telemetry/device_source.hpp"
#include "telemetry/host_source.hpp"

namespace lmbench::telemetry {

struct Sampler::Findings {
  mutable std::mutex mutex;
  stats::TelemetrySamples samples;
  std::vector<Facts> device_facts;
  std::atomic<std::uint32_t> worker_pid = 0;
};

namespace {

// The library and what is known of its devices, opened by the first look and so in its thread.
struct Devices {
  explicit Devices(const SamplerOptions& options) : nvml(Nvml::open(options.nvml_library)) {
    if (nvml) source.emplace(*nvml, options.root, options.visible_devices);
  }
  std::vector<Facts> facts() const {
    std::vector<Facts> all;
    for (std::uint32_t d = 0; nvml && d < nvml->device_count(); ++d) all.push_back(nvml->facts(d));
    return all;
  }
  std::unique_ptr<Nvml> nvml;
  std::optional<DeviceSource> source;
};

}  // namespace

Sampler::Sampler(const SamplerOptions& options)
    : findings_(std::make_shared<Findings>()),
      host_(options.period,
            [findings = findings_,
             source = std::make_shared<HostSource>(options.root)] {  // shared: functions are copied
              const auto sample = source->look(findings->worker_pid, monotonic_now_ns());
              const std::lock_guard lock(findings->mutex);
              findings->samples.host.push_back(sample);
            }),
      devices_(options.period,
               [findings = findings_, options, devices = std::shared_ptr<Devices>()]() mutable {
                 if (!devices) {
                   devices = std::make_shared<Devices>(options);
                   auto facts = devices->facts();
                   const std::lock_guard lock(findings->mutex);
                   findings->device_facts = std::move(facts);
                 }
                 if (!devices->source) return;
                 const auto seen = devices->source->look(findings->worker_pid, monotonic_now_ns());
                 const std::lock_guard lock(findings->mutex);
                 auto& all = findings->samples.devices;
                 all.insert(all.end(), seen.begin(), seen.end());
               }) {}

Sampler::~Sampler() = default;

bool Sampler::wait_for_first_look(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const bool has_host = host_.wait_for_first_tick(patience);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return devices_.wait_for_first_tick(left) && has_host;
}

void Sampler::worker_is(std::uint32_t pid) noexcept { findings_->worker_pid = pid; }

stats::TelemetrySamples Sampler::take() {
  const std::lock_guard lock(findings_->mutex);
  return std::exchange(findings_->samples, {});
}

std::vector<Facts> Sampler::device_facts() const {
  const std::lock_guard lock(findings_->mutex);
  return findings_->device_facts;
}

std::uint64_t Sampler::cpu_ns() const { return host_.cpu_ns() + devices_.cpu_ns(); }

}  // namespace lmbench::telemetry
