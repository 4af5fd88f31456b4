// The CUDA backend on real files, see backend.hpp: a GPU for each rank.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <lmbench/plugin.hpp>
#include <memory>
#include <string>
#include <utility>

#include "turbomind/backend.hpp"
#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/cuda_executor.hpp"
#include "turbomind/cuda/device_probe.hpp"
#include "turbomind/cuda/nccl_communicator.hpp"
#include "turbomind/cuda/rank_meeting.hpp"
#include "turbomind/cuda/read_bandwidth.hpp"

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
  if (options.step_timeout_s) {
    cuda_options.step_timeout_ns = static_cast<std::uint64_t>(*options.step_timeout_s * 1e9);
  }
  return cuda_options;
}

std::unique_ptr<Executor> make_executor(cuda::CudaOptions options, const cuda::NcclOptions& nccl,
                                        std::uint32_t device, PassSink* sink) {
  std::unique_ptr<cuda::DeviceCommunicator> communicator;
  if (nccl.ranks > 1) communicator = cuda::make_nccl_communicator(nccl);
  options.device = device;
  return cuda::make_cuda_executor(options, std::move(communicator), sink);
}

// Rank r, a thread, has GPU r.
ExecutorFactory make_thread_factory(const EngineOptions& options, std::uint32_t ranks) {
  const cuda::DeviceProbe probe = cuda::probe_devices();
  if (ranks > probe.count) {  // a directory may be made for more ranks than option tp says
    throw lmbench::sdk::Error(lmbench::Code::unsupported,
                              "the model is split for " + std::to_string(ranks) +
                                  " GPUs, of which " + std::to_string(probe.count) +
                                  " can be used here");
  }
  cuda::RankMeetingId id{};
  if (ranks > 1) id = cuda::make_meeting_id();
  return [ranks, id, shared = cuda_options_of(options)](std::uint32_t rank, PassSink* sink) {
    return make_executor(shared, {.rank = rank, .ranks = ranks, .id = id}, rank, sink);
  };
}

// This process is one rank, and `own` reaches the others.
ExecutorFactory make_process_factory(const EngineOptions& options, std::uint32_t device,
                                     Communicator& own) {
  return [device, &own, shared = cuda_options_of(options)](std::uint32_t rank, PassSink* sink) {
    const cuda::RankMeetingId id = cuda::meet(own, device);
    return make_executor(shared, {.rank = rank, .ranks = own.ranks(), .id = id}, device, sink);
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
    return own == nullptr ? make_thread_factory(o, model.ranks)
                          : make_process_factory(o, devices.first, *own);
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
