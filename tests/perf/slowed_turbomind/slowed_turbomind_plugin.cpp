// turbomind on its CPU backend, slower than the plugin by SLOWED_PERCENT in each step.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/plugin.hpp>

#include "slowed_turbomind/slowed_executor.hpp"
#include "turbomind/engine.hpp"

namespace turbomind {
namespace {

Backend slowed_backend() {
  Backend backend = make_cpu_backend();
  backend.executors = [make = backend.executors](const EngineOptions& options,
                                                 const OpenedModel& model,
                                                 Communicator* own) -> ExecutorFactory {
    return [factory = make(options, model, own)](std::uint32_t rank, PassSink* sink) {
      return std::make_unique<perf::SlowedExecutor>(factory(rank, sink), SLOWED_PERCENT / 100.0);
    };
  };
  return backend;
}

}  // namespace

Engine::Engine(lmbench::IHost* host) : Engine(host, always(slowed_backend())) {}

}  // namespace turbomind

LMBENCH_PLUGIN("turbomind_slowed", "1.0.0",
               lmbench::kCapTokenIds | lmbench::kCapFixedLength | lmbench::kCapStopTokens |
                   lmbench::kCapSampling | lmbench::kCapCancel | lmbench::kCapEngineTime |
                   lmbench::kCapRepeatable,
               turbomind::Engine);
