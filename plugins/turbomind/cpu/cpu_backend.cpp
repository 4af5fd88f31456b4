// The CPU backend on real files, see backend.hpp.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "turbomind/backend.hpp"
#include "turbomind/cpu/cpu_executor.hpp"
#include "turbomind/read_bandwidth.hpp"
#include "turbomind/thread_communicator.hpp"

namespace turbomind {
namespace {

ExecutorFactory make_factory(const EngineOptions& options, const OpenedModel& model,
                             Communicator* own) {
  CpuOptions cpu;
  cpu.isa = options.isa;
  if (options.threads != 0) cpu.threads = std::max(options.threads / model.ranks, 1U);
  if (own != nullptr) {
    return [own, cpu](std::uint32_t, PassSink* sink) { return make_cpu_executor(cpu, *own, sink); };
  }
  // Shared with the copies of the factory, one of which lives as long as the executors.
  const auto communicators = std::make_shared<std::vector<std::unique_ptr<Communicator>>>(
      make_thread_communicators(model.ranks));
  return [communicators, cpu](std::uint32_t rank, PassSink* sink) {
    return make_cpu_executor(cpu, *(*communicators)[rank], sink);
  };
}

}  // namespace

Backend make_cpu_backend() {
  Backend backend;
  backend.open = open_from_options;
  backend.executors = make_factory;
  backend.memory = [] { return read_host_memory(); };
  backend.read_bytes_per_s = [] { return measure_read_bandwidth(usable_cpus()); };
  backend.workspace_bytes = [](const OpenedModel& model, const ExecutorLimits& limits) {
    return limits.max_prefill_tokens *
           cpu_workspace_bytes_per_token(model.architecture, model.data_type, model.ranks);
  };
  return backend;
}

}  // namespace turbomind
