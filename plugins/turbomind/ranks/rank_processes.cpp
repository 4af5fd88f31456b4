// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/rank_processes.hpp"

#include <dlfcn.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <lmbench/plugin.hpp>
#include <thread>

extern char** environ;

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr auto kFarewell = std::chrono::seconds(2);

bool has_ended(pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; }

}  // namespace

std::string rank_executable() {
  if (const char* const named = std::getenv("TURBOMIND_RANK")) return named;
  Dl_info here{};
  std::string looked;
  if (dladdr(reinterpret_cast<const void*>(&rank_executable), &here) != 0) {
    const std::filesystem::path folder = std::filesystem::path(here.dli_fname).parent_path();
    // A build has plugins/ beside it; an installation lib/lmbench/plugins/ beside bin/.
    for (const char* const relative : {"../turbomind_rank", "../../../bin/turbomind_rank",
                                       "../../../../bin/turbomind_rank", "turbomind_rank"}) {
      const std::filesystem::path path = folder / relative;
      if (access(path.c_str(), X_OK) == 0) return std::filesystem::canonical(path);
      looked += (looked.empty() ? "" : ", ") + path.lexically_normal().string();
    }
  }
  throw Error(Code::not_found,
              "ranks = \"processes\" needs the executable turbomind_rank, which is "
              "neither of " +
                  looked + "; name it in TURBOMIND_RANK");
}

void RankProcesses::start(std::uint32_t ranks, const Meeting& meeting) {
  const std::string executable = rank_executable();
  for (std::uint32_t rank = 1; rank < ranks; ++rank) {
    std::vector<std::string> arguments{executable,     "--serve",
                                       "127.0.0.1",    std::to_string(meeting.port),
                                       meeting.secret, std::to_string(rank)};
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_t pid = 0;
    const int error =
        posix_spawn(&pid, executable.c_str(), nullptr, nullptr, pointers.data(), environ);
    if (error != 0) {
      throw Error(Code::failed_precondition,
                  "cannot start " + executable + ": " + std::strerror(error));
    }
    pids_.push_back(pid);
  }
}

RankProcesses::~RankProcesses() {
  const auto deadline = std::chrono::steady_clock::now() + kFarewell;
  for (const pid_t pid : pids_) {
    while (!has_ended(pid)) {
      if (std::chrono::steady_clock::now() > deadline) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

}  // namespace turbomind
