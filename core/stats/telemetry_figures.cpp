// SPDX-License-Identifier: Apache-2.0
#include "stats/telemetry_figures.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "stats/sampled_series.hpp"
#include "stats/throttle_reasons.hpp"
#include "stats/timelines.hpp"

namespace lmbench::stats {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr double kNsPerMicrosecond = 1e3;

// Counters of energy and CPU time move in steps of up to 100 ms: below this they say little.
constexpr double kShortestForCountersNs = 1e9;

// A CPU engine at a barrier of its threads loses at least the share that others take, up to as many
// times that as it has threads: 2 % is what a figure that is held to 1 % cannot bear, and an idle
// machine stays well below it. Stolen time comes in longer pieces and stops a whole CPU.
constexpr double kMostOtherLoadPercent = 2;
constexpr double kMostStealPercent = 1;

constexpr double kMostThrottledShare = 0.2;

// With hidden pids: what a device without a process has in use stays far below this, and a process
// with a CUDA context has at least this much (measured contexts are 150 to 500 MiB).
constexpr std::uint64_t kForeignBytes = 128ULL << 20;

using DeviceMap = std::map<std::uint32_t, std::vector<DeviceSample>>;

template <class Sample, class Value>
Series series_of(const std::vector<Sample>& samples, std::optional<Value> Sample::*value) {
  Series series;
  for (const Sample& sample : samples) {
    if (sample.*value) series.push_back({sample.t_ns, static_cast<double>(*(sample.*value))});
  }
  return series;
}

// The sum, empty when one device does not say.
template <class Figure>
std::optional<double> sum_over(const DeviceMap& devices, const Figure& figure) {
  if (devices.empty()) return std::nullopt;
  double sum = 0;
  for (const auto& device : devices) {
    const std::optional<double> value = figure(device.second);
    if (!value) return std::nullopt;
    sum += *value;
  }
  return sum;
}

std::optional<double> peak_beyond_load(const std::vector<DeviceSample>& samples) {
  std::optional<double> most;
  for (const DeviceSample& s : samples) {
    if (!s.used_bytes || !s.before_load_bytes) continue;
    const double beyond =
        static_cast<double>(*s.used_bytes) - static_cast<double>(*s.before_load_bytes);
    most = std::max(most.value_or(0), beyond);
  }
  return most;
}

// From the device's own counter, else from its power.
std::optional<double> energy_j(const std::vector<DeviceSample>& samples, const Window& test) {
  const double test_ns = ns_between(test.begin_ns, test.end_ns);
  if (test_ns < kShortestForCountersNs) return std::nullopt;
  if (const auto mj = growth_in(series_of(samples, &DeviceSample::energy_mj), test)) {
    return *mj / 1e3;
  }
  const auto watts = mean_in(series_of(samples, &DeviceSample::power_w), test);
  return watts ? std::optional(*watts * test_ns / kNsPerSecond) : std::nullopt;
}

std::vector<Window> rounds_of(const Timelines& timelines) {
  std::map<std::uint32_t, Window> rounds;
  for (const Timeline& line : timelines.all()) {
    const auto [found, is_new] =
        rounds.try_emplace(line.request->round, Window{line.request->due_ns, line.end_ns});
    if (is_new) continue;
    found->second.begin_ns = std::min(found->second.begin_ns, line.request->due_ns);
    found->second.end_ns = std::max(found->second.end_ns, line.end_ns);
  }
  std::vector<Window> windows;
  for (const auto& round : rounds) windows.push_back(round.second);
  return windows;
}

double distance_ns(const DeviceSample& sample, const Window& window) {
  if (sample.t_ns < window.begin_ns) return ns_between(sample.t_ns, window.begin_ns);
  return sample.t_ns > window.end_ns ? ns_between(window.end_ns, sample.t_ns) : 0;
}

// All reasons that were seen in the window. One that is shorter than the time between samples has
// those of the nearest, since a device stays hot for longer than that.
std::optional<std::uint64_t> reasons_in(const std::vector<DeviceSample>& samples,
                                        const Window& window) {
  std::optional<std::uint64_t> reasons;
  const DeviceSample* nearest = nullptr;
  for (const DeviceSample& sample : samples) {
    if (!sample.throttle_reasons) continue;
    const double away_ns = distance_ns(sample, window);
    if (away_ns == 0) reasons = reasons.value_or(0) | *sample.throttle_reasons;
    if (nearest == nullptr || away_ns < distance_ns(*nearest, window)) nearest = &sample;
  }
  if (!reasons && nearest != nullptr) reasons = nearest->throttle_reasons;
  return reasons;
}

std::optional<std::uint64_t> reasons_in(const DeviceMap& devices, const Window& window) {
  std::optional<std::uint64_t> all;
  for (const auto& device : devices) {
    if (const auto reasons = reasons_in(device.second, window)) all = all.value_or(0) | *reasons;
  }
  return all;
}

std::optional<std::uint32_t> count_throttled(const DeviceMap& devices,
                                             const std::vector<Window>& rounds) {
  std::optional<std::uint32_t> throttled;
  for (const Window& round : rounds) {
    const auto reasons = reasons_in(devices, round);
    if (!reasons) continue;
    throttled = throttled.value_or(0) + ((*reasons & kSlowdowns) != 0 ? 1U : 0U);
  }
  return throttled;
}

std::uint32_t foreign_in(const DeviceSample& sample) {
  const std::uint32_t counted = sample.foreign_processes.value_or(0);
  const bool has_memory_of_others =
      sample.has_hidden_pids && sample.before_load_bytes.value_or(0) > kForeignBytes;
  return std::max(counted, has_memory_of_others ? 1U : 0U);
}

std::optional<std::uint32_t> foreign_processes(const DeviceMap& devices, const Window& test) {
  std::optional<std::uint32_t> most;
  for (const auto& device : devices) {
    const bool is_short = std::none_of(device.second.begin(), device.second.end(),
                                       [&](const auto& s) { return distance_ns(s, test) == 0; });
    for (const DeviceSample& sample : device.second) {
      if (!is_short && distance_ns(sample, test) != 0) continue;
      if (!sample.foreign_processes && !sample.has_hidden_pids) continue;
      most = std::max(most.value_or(0), foreign_in(sample));
    }
  }
  return most;
}

void add_device_figures(const TelemetrySamples& samples, const Timelines& timelines,
                        TelemetryFigures& f) {
  const Window test{timelines.first_due_ns(), timelines.last_end_ns()};
  DeviceMap devices;
  for (const DeviceSample& sample : samples.devices) devices[sample.device].push_back(sample);
  const auto inside = [&test](const auto& s) { return distance_ns(s, test) == 0; };
  f.devices = static_cast<std::uint32_t>(devices.size());
  f.device_samples = static_cast<std::uint64_t>(
      std::count_if(samples.devices.begin(), samples.devices.end(), inside));
  f.device_peak_bytes = sum_over(devices, peak_beyond_load);
  f.process_peak_bytes = sum_over(
      devices, [](const auto& s) { return max_of(series_of(s, &DeviceSample::worker_bytes)); });
  f.power_w = sum_over(devices, [&test](const auto& s) {
    return mean_in(series_of(s, &DeviceSample::power_w), test);
  });
  f.energy_j = sum_over(devices, [&test](const auto& s) { return energy_j(s, test); });
  const auto& all = samples.devices;
  f.sm_clock_mhz = mean_in(series_of(all, &DeviceSample::sm_clock_mhz), test);
  f.memory_clock_mhz = mean_in(series_of(all, &DeviceSample::memory_clock_mhz), test);
  f.utilisation_percent = mean_in(series_of(all, &DeviceSample::utilisation_percent), test);
  f.temperature_c = max_in(series_of(all, &DeviceSample::temperature_c), test);
  f.throttle_reasons = reasons_in(devices, test);
  const std::vector<Window> rounds = rounds_of(timelines);
  f.rounds = static_cast<std::uint32_t>(rounds.size());
  f.throttled_rounds = count_throttled(devices, rounds);
  f.foreign_processes = foreign_processes(devices, test);
}

// CPU time of all processes but the worker and this one.
std::optional<double> other_busy_ns(const std::vector<HostSample>& samples, const Window& test) {
  const auto all = growth_in(series_of(samples, &HostSample::busy_ns), test);
  const auto worker = growth_in(series_of(samples, &HostSample::worker_cpu_ns), test);
  const auto own = growth_in(series_of(samples, &HostSample::lmbench_cpu_ns), test);
  if (!all || !worker || !own) return std::nullopt;
  const bool is_one_process = !samples.empty() && samples.back().is_worker_in_process;
  // The kernel's sum of all goes in ticks, ours is exact: the difference can be a little negative.
  return std::max(0.0, *all - *worker - (is_one_process ? 0 : *own));
}

void add_host_shares(const std::vector<HostSample>& samples, const Window& test,
                     TelemetryFigures& f) {
  const double test_ns = ns_between(test.begin_ns, test.end_ns);
  if (test_ns < kShortestForCountersNs) return;
  const auto share = [&](const Series& counter, double unit_ns) -> std::optional<double> {
    const auto growth = growth_in(counter, test);
    return growth ? std::optional(*growth * unit_ns / test_ns) : std::nullopt;
  };
  const auto percent = [&](const auto member, double unit_ns, double of) -> std::optional<double> {
    const auto value = share(series_of(samples, member), unit_ns);
    return value && of > 0 ? std::optional(100 * *value / of) : std::nullopt;
  };
  const double cpus = samples.empty() ? 0 : samples.back().cpus;
  f.worker_cpus = share(series_of(samples, &HostSample::worker_cpu_ns), 1);
  f.steal_percent = percent(&HostSample::steal_ns, 1, cpus);
  f.cpu_pressure_percent = percent(&HostSample::cpu_pressure_us, kNsPerMicrosecond, 1);
  f.memory_pressure_percent = percent(&HostSample::memory_pressure_us, kNsPerMicrosecond, 1);
  f.io_pressure_percent = percent(&HostSample::io_pressure_us, kNsPerMicrosecond, 1);
  if (const auto others_ns = other_busy_ns(samples, test); others_ns && cpus > 0) {
    f.other_load_percent = 100 * *others_ns / test_ns / cpus;
  }
  if (const auto uj = growth_in(series_of(samples, &HostSample::package_uj), test)) {
    f.cpu_energy_j = *uj / 1e6;
  }
}

void add_host_figures(const std::vector<HostSample>& samples, const Window& test,
                      TelemetryFigures& f) {
  f.host_samples = static_cast<std::uint64_t>(std::count_if(
      samples.begin(), samples.end(),
      [&test](const HostSample& s) { return s.t_ns >= test.begin_ns && s.t_ns <= test.end_ns; }));
  f.pss_peak_bytes = max_of(series_of(samples, &HostSample::proportional_bytes));
  f.cpu_mhz = mean_in(series_of(samples, &HostSample::cpu_mhz), test);
  f.voluntary_switches = growth_in(series_of(samples, &HostSample::voluntary_switches), test);
  f.involuntary_switches = growth_in(series_of(samples, &HostSample::involuntary_switches), test);
  add_host_shares(samples, test, f);
}

}  // namespace

bool TelemetryFigures::is_throttled() const noexcept {
  return throttled_rounds && *throttled_rounds > kMostThrottledShare * rounds;
}

bool TelemetryFigures::has_host_load() const noexcept {
  return devices == 0 && (other_load_percent.value_or(0) > kMostOtherLoadPercent ||
                          steal_percent.value_or(0) > kMostStealPercent);
}

TelemetryFigures telemetry_figures(const CaseRecord& record, const TelemetrySamples& samples) {
  const Timelines timelines(record);
  TelemetryFigures figures;
  if (timelines.empty()) return figures;
  add_device_figures(samples, timelines, figures);
  add_host_figures(samples.host, {timelines.first_due_ns(), timelines.last_end_ns()}, figures);
  double tokens = 0;
  for (const Timeline& line : timelines.all()) tokens += static_cast<double>(line.tokens);
  if (tokens > 0 && figures.energy_j) figures.energy_per_token_j = *figures.energy_j / tokens;
  if (tokens > 0 && figures.cpu_energy_j) {
    figures.cpu_energy_per_token_j = *figures.cpu_energy_j / tokens;
  }
  return figures;
}

}  // namespace lmbench::stats
