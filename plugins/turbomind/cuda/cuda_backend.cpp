// The CUDA backend on real files, see backend.hpp: a GPU for each rank.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <lmbench/plugin.hpp>
#include <memory>
#include <string>

#include "turbomind/backend.hpp"
#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/cuda_executor.hpp"
#include "turbomind/cuda/device_probe.hpp"
#include "turbomind/cuda/nccl_communicator.hpp"
#include "turbomind/cuda/read_bandwidth.hpp"

namespace turbomind {
namespace {

// Free and total of the GPU that has the least.
HostMemory memory_of(std::uint32_t devices) {
  HostMemory least{~std::uint64_t{0}, ~std::uint64_t{0}};
  for (std::uint32_t device = 0; device < devices; ++device) {
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    cuda::check(cudaSetDevice(static_cast<int>(device)), "cudaSetDevice");
    cuda::check(cudaMemGetInfo(&free_bytes, &total_bytes), "cudaMemGetInfo");
    least.total_bytes = std::min<std::uint64_t>(least.total_bytes, total_bytes);
    least.free_bytes = std::min<std::uint64_t>(least.free_bytes, free_bytes);
  }
  return least;
}

ExecutorFactory make_factory(const EngineOptions& options, const OpenedModel& model,
                             Communicator* own) {
  if (own != nullptr) {
    throw lmbench::sdk::Error(
        lmbench::Code::unsupported,
        "ranks = \"processes\" is built for the CPU backend; on GPUs ranks are "
        "threads of one process");
  }
  const std::uint32_t ranks = model.ranks;
  const cuda::DeviceProbe probe = cuda::probe_devices();
  if (ranks > probe.count) {  // a directory may be made for more ranks than option tp says
    throw lmbench::sdk::Error(lmbench::Code::unsupported,
                              "the model is split for " + std::to_string(ranks) +
                                  " GPUs, of which " + std::to_string(probe.count) +
                                  " can be used here");
  }
  cuda::RankMeetingId id{};
  if (ranks > 1) id = cuda::make_meeting_id();
  cuda::CudaOptions shared;
  shared.uses_graphs = options.uses_cuda_graphs;
  shared.starts_early = options.cuda_starts_early;
  shared.tuning_cache = options.cuda_tuning_cache;
  shared.step_timeout_ns = static_cast<std::uint64_t>(options.step_timeout_s * 1e9);
  return [ranks, id, shared](std::uint32_t rank, PassSink* sink) {
    std::unique_ptr<cuda::DeviceCommunicator> communicator;
    if (ranks > 1) {
      communicator = cuda::make_nccl_communicator({.rank = rank, .ranks = ranks, .id = id});
    }
    cuda::CudaOptions cuda_options = shared;
    cuda_options.device = rank;
    return cuda::make_cuda_executor(cuda_options, std::move(communicator), sink);
  };
}

}  // namespace

CudaOffer offer_cuda_backend(const EngineOptions& options) {
  const cuda::DeviceProbe probe = cuda::probe_devices();
  if (probe.count == 0) return {std::nullopt, probe.why_not};
  if (probe.count < options.tp) {
    return {std::nullopt, "tp is " + std::to_string(options.tp) + ", but only " +
                              std::to_string(probe.count) + " can be used here" +
                              (probe.why_not.empty() ? "" : " (" + probe.why_not + ")")};
  }
  const std::uint32_t devices = options.tp;
  Backend backend;
  backend.device = "cuda (" + std::to_string(devices) + " x " + cuda::name_of_device(0) + ")";
  backend.open = open_from_options;
  backend.executors = make_factory;
  backend.memory = [devices] { return memory_of(devices); };
  backend.read_bytes_per_s = [] { return cuda::measure_read_bandwidth(0); };
  backend.workspace_bytes_per_token = [](const OpenedModel& model) {
    return cuda::cuda_workspace_bytes_per_token(model.architecture, model.data_type, model.ranks);
  };
  backend.first_device = 0;
  return {std::move(backend), {}};
}

}  // namespace turbomind
