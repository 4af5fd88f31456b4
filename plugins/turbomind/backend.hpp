// What the engine needs of the outside: a model, executors for it, and the machine's figures. The
// seam at which tests put their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "turbomind/config.hpp"
#include "turbomind/host_memory.hpp"
#include "turbomind/model/open_model.hpp"
#include "turbomind/rank_group.hpp"

namespace turbomind {

struct Backend {
  // Reads headers only. Throws Error.
  std::function<OpenedModel(const EngineOptions&)> open;

  // How executors of this model are made, for all ranks.
  std::function<ExecutorFactory(const EngineOptions&, const OpenedModel&)> executors;

  std::function<HostMemory()> memory;

  // What the device is expected to read per second.
  std::function<double()> read_bytes_per_s;

  // What one token of a pass needs beside weights and KV, on all ranks together.
  std::function<std::uint64_t(const OpenedModel&)> workspace_bytes_per_token;
};

// The CPU backend on real files.
Backend make_cpu_backend();

}  // namespace turbomind
