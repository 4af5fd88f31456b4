// The CUDA backend on real files, see backend.hpp: a GPU for each rank.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <lmbench/plugin.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "turbomind/backend.hpp"
#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/cuda_executor.hpp"
#include "turbomind/cuda/device_probe.hpp"
#include "turbomind/cuda/nccl_communicator.hpp"
#include "turbomind/cuda/rank_meeting.hpp"
#include "turbomind/cuda/read_bandwidth.hpp"
#include "turbomind/thread_communicator.hpp"

namespace turbomind {
namespace {

// The GPUs that this process uses.
struct Devices {
  std::uint32_t first = 0;
  std::uint32_t count = 1;
};

// A rank that is a process has one: that of its number on the host, or the only one that it sees, where
// whoever started it bound it to that.
Devices devices_of(const EngineOptions& options, std::uint32_t visible) {
  if (!options.seat) return {0, options.tp};
  return {visible == 1 ? 0 : options.seat->local_rank, 1};
}

// Free and total of the GPU that has the least.
HostMemory memory_of(Devices devices) {
  HostMemory least;
  for (std::uint32_t i = 0; i < devices.count; ++i) {
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    cuda::check(cudaSetDevice(static_cast<int>(devices.first + i)), "cudaSetDevice");
    cuda::check(cudaMemGetInfo(&free_bytes, &total_bytes), "cudaMemGetInfo");
    least = least_of(least, {total_bytes, free_bytes});
  }
  return least;
}

// Left to the driver: code of kernels, which it loads when they are first used, graphs, NCCL's buffers.
// A guess until it has been measured.
std::uint64_t driver_bytes(std::uint64_t total_bytes) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30U;
  return std::min(kMostBytes, total_bytes / 16);
}

cuda::CudaOptions cuda_options_of(const EngineOptions& options) {
  cuda::CudaOptions cuda_options;
  cuda_options.uses_graphs = options.uses_cuda_graphs;
  cuda_options.starts_early = options.cuda_starts_early;
  cuda_options.tuning_cache = options.cuda_tuning_cache;
  if (options.step_timeout_s) {
    cuda_options.step_timeout_ns = static_cast<std::uint64_t>(*options.step_timeout_s * 1e9);
  }
  return cuda_options;
}

// How the ranks reach each other on their hosts: threads of this process, or `own`, the one that this
// process is. The function gives each rank's.
using HostsOf = std::function<std::shared_ptr<Communicator>(std::uint32_t rank)>;

HostsOf hosts_of(std::uint32_t ranks, Communicator* own) {
  if (own != nullptr) {
    const std::shared_ptr<Communicator> borrowed(own, [](Communicator*) {});
    return [borrowed](std::uint32_t) { return borrowed; };
  }
  auto all = std::make_shared<std::vector<std::unique_ptr<Communicator>>>(
      make_thread_communicators(ranks));
  return
      [all](std::uint32_t rank) { return std::shared_ptr<Communicator>(std::move((*all)[rank])); };
}

// A directory may be made for more ranks than option tp says.
void check_enough_for_threads(std::uint32_t ranks) {
  const std::uint32_t count = cuda::probe_devices().count;
  if (ranks <= count) return;
  throw lmbench::sdk::Error(lmbench::Code::unsupported,
                            "the model is split for " + std::to_string(ranks) + " GPUs, of which " +
                                std::to_string(count) + " can be used here");
}

// Thread r has GPU r; a process has the one that devices says.
ExecutorFactory make_factory(const EngineOptions& options, std::uint32_t ranks, Devices devices,
                             Communicator* own) {
  if (own == nullptr) check_enough_for_threads(ranks);
  const bool is_process = own != nullptr;
  return
      [ranks, devices, is_process, hosts = hosts_of(ranks, own), shared = cuda_options_of(options),
       endings = std::make_shared<cuda::NcclEndings>()](std::uint32_t rank, PassSink* sink) {
        cuda::CudaOptions cuda_options = shared;
        cuda_options.device = devices.first + (is_process ? 0 : rank);
        std::unique_ptr<cuda::DeviceCommunicator> communicator;
        if (ranks > 1) {
          const std::shared_ptr<Communicator> own_hosts = hosts(rank);
          const cuda::RankMeetingId id = cuda::meet(*own_hosts, cuda_options.device);
          communicator = cuda::make_nccl_communicator(id, own_hosts, endings);
        }
        return cuda::make_cuda_executor(cuda_options, std::move(communicator), sink);
      };
}

// Empty: there are enough GPUs.
std::string what_lacks(const EngineOptions& options, const cuda::DeviceProbe& probe) {
  if (probe.count == 0) return probe.why_not;
  const std::uint32_t local_rank = options.seat ? options.seat->local_rank : 0;
  const bool is_bound = probe.count == 1 && local_rank > 0;
  const std::uint32_t needed = options.seat ? options.seat->ranks_here : options.tp;
  if (is_bound || probe.count >= needed) return {};
  return (local_rank > 0 ? "this is rank " + std::to_string(local_rank) + " of its host"
                         : "tp is " + std::to_string(options.tp)) +
         ", but only " + std::to_string(probe.count) + " can be used here" +
         (probe.why_not.empty() ? "" : " (" + probe.why_not + ")");
}

}  // namespace

CudaOffer offer_cuda_backend(const EngineOptions& options) {
  const cuda::DeviceProbe probe = cuda::probe_devices();
  if (std::string lack = what_lacks(options, probe); !lack.empty()) {
    return {std::nullopt, std::move(lack)};
  }
  const Devices devices = devices_of(options, probe.count);
  Backend backend;
  backend.device =
      "cuda (" + std::to_string(options.tp) + " x " + cuda::name_of_device(devices.first) + ")";
  backend.open = open_from_options;
  backend.executors = [devices](const EngineOptions& o, const OpenedModel& model,
                                Communicator* own) {
    return make_factory(o, model.ranks, devices, own);
  };
  backend.memory = [devices] { return memory_of(devices); };
  backend.read_bytes_per_s = [devices] { return cuda::measure_read_bandwidth(devices.first); };
  backend.workspace_bytes = [devices](const OpenedModel& model, const ExecutorLimits& limits) {
    return cuda::cuda_workspace_bytes(model.architecture, model.data_type, model.ranks, limits) +
           driver_bytes(memory_of(devices).total_bytes);
  };
  backend.first_device = static_cast<std::int32_t>(devices.first);
  return {std::move(backend), {}};
}

}  // namespace turbomind
