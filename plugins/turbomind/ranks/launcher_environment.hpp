// Which rank a process is, as launchers tell it: torchrun, mpirun (Open MPI, MPICH) and srun.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace turbomind {

struct LauncherPlace {
  std::uint32_t rank = 0;
  std::uint32_t ranks = 1;
  std::uint32_t local_rank = 0;  // among those of its host
  std::string host;              // of rank 0
  std::uint16_t port = 0;
};

// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// RANK and WORLD_SIZE, else OMPI_COMM_WORLD_RANK and _SIZE, PMI_RANK and _SIZE, SLURM_PROCID and
// SLURM_NTASKS. Rank 0 is found at MASTER_ADDR and MASTER_PORT; else at the first node of
// SLURM_NODELIST where it is a plain name, else, where all ranks are of one host, at 127.0.0.1.
// The number on its host is LOCAL_RANK, OMPI_COMM_WORLD_LOCAL_RANK, MPI_LOCALRANKID or SLURM_LOCALID, else
// the rank. Throws Error(failed_precondition) that names what is missing.
LauncherPlace launcher_place(const Environment& environment);

}  // namespace turbomind
