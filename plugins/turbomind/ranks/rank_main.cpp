// turbomind_rank: a rank of a tensor-parallel engine as a process of its own.
//
//   turbomind_rank --serve HOST PORT SECRET RANK     serves one engine; started by the engine itself
//   turbomind_rank -- COMMAND...                     under a launcher, on every rank: rank 0 runs the
//                                                    command, the others serve its engines
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "turbomind/ranks/launched_job.hpp"
#include "turbomind/ranks/rank_service.hpp"

namespace {

int serve(const std::vector<std::string>& arguments) {
  turbomind::serve_engine(
      {.host = arguments[0],
       .meeting = {static_cast<std::uint16_t>(std::stoul(arguments[1])), arguments[2]},
       .rank = static_cast<std::uint32_t>(std::stoul(arguments[3])),
       .local_rank = static_cast<std::uint32_t>(std::stoul(arguments[3])),
       .is_own_process = true});
  return 0;
}

int usage() {
  std::cerr << "usage: turbomind_rank -- COMMAND...   under mpirun, srun or torchrun --no-python\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 5 && arguments[0] == "--serve") {
      return serve({arguments.begin() + 1, arguments.end()});
    }
    if (arguments.size() >= 2 && arguments[0] == "--") {
      return turbomind::run_launched({arguments.begin() + 1, arguments.end()});
    }
    return usage();
  } catch (const std::exception& e) {
    std::cerr << "turbomind_rank: " << e.what() << '\n';
    return 3;
  }
}
