// What is known of a model from its headers, before any weight is read, and how to get at the
// weights; and what a backend brings. The seam at which tests put a model and executors of theirs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "turbomind/capacity.hpp"
#include "turbomind/config.hpp"
#include "turbomind/host_memory.hpp"
#include "turbomind/model/weight_source.hpp"
#include "turbomind/rank_group.hpp"

namespace turbomind {

struct ModelOutline {
  Architecture architecture;
  DataType data_type = DataType::fp32;
  std::uint32_t ranks = 1;  // the files' tensor_para_size, or option tp
  CapacitySettings settings;
  bool has_config_ini = false;
  std::vector<std::string> warnings;
  std::function<std::unique_ptr<WeightSource>()> open;
};

struct Backend {
  // Reads headers only. Throws Error.
  std::function<ModelOutline(const EngineOptions&)> outline;

  // How executors of this model are made, for all ranks.
  std::function<ExecutorFactory(const EngineOptions&, const ModelOutline&)> executors;

  std::function<HostMemory()> memory;

  // What the device is expected to read per second.
  std::function<double()> read_bytes_per_s;

  // What one token of a pass needs beside weights and KV.
  std::function<std::uint64_t(const ModelOutline&)> workspace_bytes_per_token;
};

// The CPU backend on real files.
Backend make_cpu_backend();

}  // namespace turbomind
