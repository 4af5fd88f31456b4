// SPDX-License-Identifier: Apache-2.0
#include "telemetry/host_source.hpp"

#include <time.h>
#include <unistd.h>

#include "clock.hpp"
#include "telemetry/host_counters.hpp"
#include "telemetry/process_counters.hpp"

namespace lmbench::telemetry {
namespace {

// Walking all pages of a large worker takes many milliseconds, of a CPU that the worker may need:
// so seldom that it is at most one part in this many.
constexpr std::uint64_t kCloseLookShare = 500;

std::uint64_t own_cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(used.tv_nsec);
}

}  // namespace

HostSource::HostSource(const std::filesystem::path& root) : root_(root), energy_(root) {}

stats::HostSample HostSource::look(std::uint32_t worker_pid, std::uint64_t now_ns) {
  stats::HostSample sample;
  sample.t_ns = now_ns;
  read_host_counters(root_, sample);
  sample.package_uj = energy_.since_first_uj();
  sample.lmbench_cpu_ns = own_cpu_ns();
  if (worker_pid == 0) return sample;
  const ProcessCounters worker = process_counters(root_, worker_pid);
  sample.worker_cpu_ns = worker.cpu_ns;
  sample.resident_bytes = worker.resident_bytes;
  sample.is_worker_in_process = worker_pid == static_cast<std::uint32_t>(::getpid());
  if (now_ns >= next_close_look_ns_) look_closely(worker_pid, sample);
  return sample;
}

void HostSource::look_closely(std::uint32_t worker_pid, stats::HostSample& sample) {
  const std::uint64_t begin_ns = monotonic_now_ns();
  sample.proportional_bytes = proportional_bytes(root_, worker_pid);
  if (const auto switches = context_switches(root_, worker_pid)) {
    sample.voluntary_switches = switches->voluntary;
    sample.involuntary_switches = switches->involuntary;
  }
  const std::uint64_t cost_ns = monotonic_now_ns() - begin_ns;
  next_close_look_ns_ = sample.t_ns + kCloseLookShare * cost_ns;
}

}  // namespace lmbench::telemetry
