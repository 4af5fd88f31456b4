// The engine's options, as they come from [engine.options], read and range-checked; what depends on
// the model is decided later (capacity.hpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <optional>
#include <string>
#include <vector>

#include "turbomind/capacity.hpp"
#include "turbomind/model/open_model.hpp"

namespace turbomind {

constexpr std::int32_t kEndIdOfModel = -2;

enum class Device { automatic, cpu, cuda };

// Where a rank stands that is a process of its own.
struct ProcessSeat {
  std::uint32_t local_rank = 0;  // among the ranks of its host
  std::uint32_t ranks_here = 1;  // of its host, as far as is known
};

struct EngineOptions {
  std::string model;  // a preset, a TurboMind directory or a Hugging Face directory
  WeightOrigin weights = WeightOrigin::automatic;
  std::optional<DataType> dtype;  // nothing: the model's own
  Device device = Device::automatic;
  std::uint32_t tp = 1;
  std::uint32_t threads = 0;  // of all ranks together; 0: all CPUs that the process may use
  std::string isa;            // "auto" or the kernels to use
  bool ranks_are_processes = false;
  std::optional<ProcessSeat> seat;  // set by who starts the ranks, not by an option
  double rank_silence_s = 0;        // a rank process that shows no life for so long is lost
  bool uses_cuda_graphs = true;
  bool cuda_starts_early = false;  // programmatic dependent launch
  std::string cuda_tuning_cache;   // a file; "": none
  // A step on GPUs, or an exchange of processes, that takes longer is an error. Nothing: what suits those.
  std::optional<double> step_timeout_s;
  std::uint64_t weights_seed = 0;
  bool verifies_finite = false;
  EngineDefaults capacity;
  bool shares_free_memory = false;
  PlanHints hints;
  double rope_theta = 0;                      // 0: the model's own
  double norm_eps = 0;                        // 0: the model's own
  std::uint32_t max_position_embeddings = 0;  // 0: the model's own
  std::int32_t end_id = kEndIdOfModel;        // -1: none
};

// Throws sdk::Error that names the key: unknown, of the wrong type, out of range, or a value that
// this build cannot do.
EngineOptions read_options(lmbench::ConfigView config);

}  // namespace turbomind
