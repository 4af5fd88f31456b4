// What the engine needs of the outside: a model, executors for it, and the machine's figures. The
// seam at which tests put their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "turbomind/config.hpp"
#include "turbomind/host_memory.hpp"
#include "turbomind/model/open_model.hpp"
#include "turbomind/rank_group.hpp"

namespace turbomind {

constexpr std::int32_t kHostDevice = -1;

struct Backend {
  std::string device = "cpu";  // what the engine runs on, for the log
  std::string note;            // why it was chosen, where nobody asked for it; for the log

  // Reads headers only. Throws Error.
  std::function<OpenedModel(const EngineOptions&)> open;

  // How executors of this model are made: for all ranks, as threads of this process, or, where a
  // communicator is given, for the one rank that this process is.
  std::function<ExecutorFactory(const EngineOptions&, const OpenedModel&, Communicator*)> executors;

  // Of the host, which all ranks share, or of the GPU that has the least.
  std::function<HostMemory()> memory;

  // What one device is expected to read per second.
  std::function<double()> read_bytes_per_s;

  // What one rank takes beside weights and KV pages, as far as it can be told before; limits without the
  // number of pages.
  std::function<std::uint64_t(const OpenedModel&, const ExecutorLimits&)> workspace_bytes;

  // kHostDevice: all ranks are there. Else rank r is on this GPU + r.
  std::int32_t first_device = kHostDevice;

  std::uint32_t ranks_per_device(const OpenedModel& model) const {
    return first_device == kHostDevice ? model.ranks : 1;
  }
};

using BackendSelector = std::function<Backend(const EngineOptions&)>;

// The same one whatever the options say.
inline BackendSelector always(const Backend& backend) {
  return [backend](const EngineOptions& /*options*/) { return backend; };
}

// The one that option `device` asks for. Throws Error(unsupported) "no usable CUDA device: ..." for
// device = "cuda" where there is none; "auto" takes the CPU then, and says why.
Backend select_backend(const EngineOptions& options);

// Reads models from real files and directories.
OpenedModel open_from_options(const EngineOptions& options);

// The CPU backend on real files.
Backend make_cpu_backend();

struct CudaOffer {
  std::optional<Backend> backend;
  std::string why_not;  // where there is none
};

// Touches no device beyond asking for it.
CudaOffer offer_cuda_backend(const EngineOptions& options);

}  // namespace turbomind
