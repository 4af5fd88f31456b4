// SPDX-License-Identifier: Apache-2.0
#include "telemetry/device_source.hpp"

#include <algorithm>

#include "telemetry/process_counters.hpp"
#include "telemetry/visible_devices.hpp"

namespace lmbench::telemetry {
namespace {

// A CUDA context takes more than this on any device; what else changes meanwhile takes less.
constexpr std::uint64_t kLeastContextBytes = 32ULL << 20;

std::optional<std::uint64_t> sum_of(const std::vector<ComputeProcess>& processes) {
  std::uint64_t sum = 0;
  for (const ComputeProcess& process : processes) {
    if (!process.used_bytes) return std::nullopt;
    sum += *process.used_bytes;
  }
  return processes.empty() ? std::nullopt : std::optional(sum);
}

}  // namespace

DeviceSource::DeviceSource(const Nvml& nvml, std::filesystem::path root,
                           const std::optional<std::string>& visible)
    : nvml_(nvml),
      root_(std::move(root)),
      is_visible_(nvml.device_count()),
      before_load_bytes_(nvml.device_count()) {
  std::vector<std::string> uuids;
  for (std::uint32_t d = 0; d < nvml_.device_count(); ++d) uuids.push_back(nvml_.uuid(d));
  for (const std::uint32_t d : visible_devices(visible, uuids)) is_visible_[d] = true;
}

std::vector<stats::DeviceSample> DeviceSource::look(std::uint32_t worker_pid,
                                                    std::uint64_t now_ns) {
  std::vector<Tenants> all;
  bool is_seen = false;
  for (std::uint32_t d = 0; d < nvml_.device_count(); ++d) {
    all.push_back(tenants_of(d, worker_pid));
    is_seen = is_seen || !all.back().ours.empty();
  }
  // After the memory was read, so that memory "before load" cannot be of a worker that just came.
  const bool is_unseen = !is_seen && worker_pid != 0 && has_gpu_open(root_, worker_pid);
  std::vector<stats::DeviceSample> samples;
  for (std::uint32_t d = 0; d < nvml_.device_count(); ++d) {
    if (!all[d].ours.empty() || (is_unseen && is_used_unseen(d, all[d]))) {
      samples.push_back(sample_of(d, all[d]));
      samples.back().t_ns = now_ns;
      samples.back().has_hidden_pids = is_unseen;
    } else if (!is_unseen) {
      before_load_bytes_[d] = all[d].used_bytes;
    }
  }
  return samples;
}

DeviceSource::Tenants DeviceSource::tenants_of(std::uint32_t device,
                                               std::uint32_t worker_pid) const {
  Tenants tenants;
  tenants.used_bytes = nvml_.used_bytes(device);
  tenants.processes = nvml_.compute_processes(device);
  if (!tenants.processes || worker_pid == 0) return tenants;
  // Ranks may be processes of their own: a worker's children are in its process group.
  const auto is_ours = [&](const ComputeProcess& process) {
    return process.pid == worker_pid || process_counters(root_, process.pid).group == worker_pid;
  };
  std::copy_if(tenants.processes->begin(), tenants.processes->end(),
               std::back_inserter(tenants.ours), is_ours);
  return tenants;
}

// One that the worker may use, and on which something has been allocated since it came.
bool DeviceSource::is_used_unseen(std::uint32_t device, const Tenants& tenants) const {
  const auto& before = before_load_bytes_[device];
  const bool has_grown =
      !before || !tenants.used_bytes || *tenants.used_bytes > *before + kLeastContextBytes;
  return is_visible_[device] && has_grown;
}

stats::DeviceSample DeviceSource::sample_of(std::uint32_t device, const Tenants& tenants) const {
  stats::DeviceSample sample;
  sample.device = device;
  sample.before_load_bytes = before_load_bytes_[device];
  sample.used_bytes = tenants.used_bytes;
  sample.worker_bytes = sum_of(tenants.ours);
  if (tenants.processes) {
    // One of those that a container hides, if it lists them at all, is the worker.
    const std::size_t ours = std::max<std::size_t>(1, tenants.ours.size());
    const std::size_t listed = tenants.processes->size();
    sample.foreign_processes = static_cast<std::uint32_t>(listed - std::min(listed, ours));
  }
  nvml_.read_state(device, sample);
  return sample;
}

}  // namespace lmbench::telemetry
