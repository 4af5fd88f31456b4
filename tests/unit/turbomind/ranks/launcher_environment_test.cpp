// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/launcher_environment.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <map>

using namespace turbomind;

namespace {

using Variables = std::map<std::string, std::string>;

LauncherPlace place_in(const Variables& variables) {
  return launcher_place([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string refusal_in(const Variables& variables) {
  try {
    place_in(variables);
  } catch (const lmbench::sdk::Error& e) {
    return e.what();
  }
  return {};
}

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("torchrun tells everything") {
  const LauncherPlace place = place_in({{"RANK", "3"},
                                        {"WORLD_SIZE", "4"},
                                        {"LOCAL_RANK", "1"},
                                        {"MASTER_ADDR", "node7"},
                                        {"MASTER_PORT", "29555"}});
  CHECK(place.rank == 3);
  CHECK(place.ranks == 4);
  CHECK(place.local_rank == 1);
  CHECK(place.host == "node7");
  CHECK(place.port == 29555);
}

TEST_CASE("mpirun on one host needs no address, on several it does") {
  Variables variables{{"OMPI_COMM_WORLD_RANK", "1"},
                      {"OMPI_COMM_WORLD_SIZE", "2"},
                      {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}};
  CHECK(place_in(variables).host == "127.0.0.1");
  CHECK(place_in(variables).port == 29500);
  CHECK(place_in(variables).local_rank == 1);
  variables["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
  CHECK(holds(refusal_in(variables), "set MASTER_ADDR"));
  variables["MASTER_ADDR"] = "10.0.0.1";
  variables["OMPI_COMM_WORLD_LOCAL_RANK"] = "0";
  CHECK(place_in(variables).host == "10.0.0.1");
  CHECK(place_in(variables).local_rank == 0);
  CHECK(place_in({{"PMI_RANK", "0"}, {"PMI_SIZE", "3"}, {"MPI_LOCALNRANKS", "3"}}).ranks == 3);
}

TEST_CASE("srun on one node names it; a list of nodes is not guessed at") {
  Variables variables{{"SLURM_PROCID", "1"}, {"SLURM_NTASKS", "2"}, {"SLURM_NODELIST", "gpu04"}};
  CHECK(place_in(variables).host == "gpu04");
  variables["SLURM_NODELIST"] = "gpu[04-05]";
  CHECK(holds(refusal_in(variables), "set MASTER_ADDR"));
}

TEST_CASE("what a launcher cannot have meant is refused by name") {
  CHECK(holds(refusal_in({}), "no launcher has set RANK and WORLD_SIZE"));
  CHECK(holds(refusal_in({{"RANK", "x"}, {"WORLD_SIZE", "2"}}), "RANK is 'x', not a number"));
  CHECK(holds(refusal_in({{"RANK", "2"}, {"WORLD_SIZE", "2"}}), "RANK is 2 of 2"));
  CHECK(holds(
      refusal_in(
          {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "70000"}}),
      "MASTER_PORT is '70000', not a port"));
}
