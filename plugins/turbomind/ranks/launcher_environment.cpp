// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/launcher_environment.hpp"

#include <array>
#include <charconv>
#include <lmbench/plugin.hpp>

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::uint16_t kDefaultPort = 29'500;  // torchrun's

struct Family {
  const char* rank;
  const char* ranks;
  const char* local_ranks;  // of this host
  const char* local_rank;
};

constexpr std::array<Family, 4> kFamilies{{
    {"RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "LOCAL_RANK"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE",
     "OMPI_COMM_WORLD_LOCAL_RANK"},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", "MPI_LOCALRANKID"},
    {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_NTASKS", "SLURM_LOCALID"},
}};

std::uint32_t number(const std::string& name, const std::string& text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end) return value;
  throw Error(Code::failed_precondition, name + " is '" + text + "', not a number");
}

std::string host_of(const Environment& environment, const Family& family, std::uint32_t ranks) {
  if (const auto host = environment("MASTER_ADDR")) return *host;
  const auto nodes = environment("SLURM_NODELIST");
  if (nodes && nodes->find_first_of("[,") == std::string::npos) return *nodes;
  const auto local = environment(family.local_ranks);
  if (!nodes && local && number(family.local_ranks, *local) == ranks) return "127.0.0.1";
  throw Error(Code::failed_precondition,
              "the ranks are told their numbers but not where rank 0 is: set MASTER_ADDR (and "
              "MASTER_PORT) to its host");
}

}  // namespace

LauncherPlace launcher_place(const Environment& environment) {
  for (const Family& family : kFamilies) {
    const auto rank = environment(family.rank);
    const auto ranks = environment(family.ranks);
    if (!rank || !ranks) continue;
    LauncherPlace place;
    place.rank = number(family.rank, *rank);
    place.ranks = number(family.ranks, *ranks);
    if (place.rank >= place.ranks) {
      throw Error(Code::failed_precondition, std::string(family.rank) + " is " + *rank + " of " +
                                                 *ranks + " (" + family.ranks + ")");
    }
    const auto local_rank = environment(family.local_rank);
    place.local_rank = local_rank ? number(family.local_rank, *local_rank) : place.rank;
    place.port = kDefaultPort;
    if (const auto port = environment("MASTER_PORT")) {
      const std::uint32_t value = number("MASTER_PORT", *port);
      if (value == 0 || value > 65'535) {
        throw Error(Code::failed_precondition, "MASTER_PORT is '" + *port + "', not a port");
      }
      place.port = static_cast<std::uint16_t>(value);
    }
    place.host = place.ranks == 1 ? "127.0.0.1" : host_of(environment, family, place.ranks);
    return place;
  }
  throw Error(
      Code::failed_precondition,
      "no launcher has set RANK and WORLD_SIZE, OMPI_COMM_WORLD_RANK and _SIZE, PMI_RANK and "
      "_SIZE, or SLURM_PROCID and SLURM_NTASKS");
}

}  // namespace turbomind
