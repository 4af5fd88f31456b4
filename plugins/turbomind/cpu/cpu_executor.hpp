// The CPU backend: one rank of the engine on a team of threads of this process. The thread that
// calls enqueue() is the first of the team.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "turbomind/executor.hpp"

namespace turbomind {

struct CpuOptions {
  std::uint32_t threads = 0;  // of this rank; 0: default_threads()
  std::string isa = "auto";   // or portable, avx2, avx512, avx512_bf16, amx
};

// [any] CPUs that this process may use, shared by the ranks; at least 1.
std::uint32_t default_threads(std::uint32_t ranks);

// The communicator outlives the executor and belongs to the thread that uses it. The sink is given
// on rank 0 and null elsewhere. Throws Error: unsupported for an instruction set that this CPU does
// not offer, invalid_argument for one that is unknown.
std::unique_ptr<Executor> make_cpu_executor(const CpuOptions& options, Communicator& communicator,
                                            PassSink* sink);

// [any] Workspace that one more token of a prefill pass takes, on one rank.
std::uint64_t cpu_workspace_bytes_per_token(const Architecture& architecture, DataType data_type,
                                            std::uint32_t ranks);

}  // namespace turbomind
