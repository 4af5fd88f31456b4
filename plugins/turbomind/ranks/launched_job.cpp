// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/launched_job.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <lmbench/plugin.hpp>
#include <thread>
#include <utility>

#include "turbomind/ranks/job_control.hpp"
#include "turbomind/ranks/launcher_environment.hpp"
#include "turbomind/ranks/rank_service.hpp"

extern char** environ;

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr double kRendezvousS = 60;
constexpr double kCallTimeoutS = 5;

std::optional<std::string> variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

// Rank 0's process beside the command.
class Control {
 public:
  explicit Control(const LauncherPlace& place)
      : place_(place), listener_("", place.port), secret_(new_secret()), ranks_(place.ranks - 1) {}

  ~Control() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
  }

  const std::string& secret() const { return secret_; }

  // Until all ranks have come.
  void gather() {
    const Deadline deadline = after_seconds(kRendezvousS);
    std::uint32_t missing = place_.ranks - 1;
    while (missing > 0) {
      Socket socket;
      try {
        socket = listener_.accept(deadline);
      } catch (const Error&) {
        throw Error(Code::device_error,
                    std::to_string(missing) + " of " + std::to_string(place_.ranks) +
                        " ranks did not come to port " + std::to_string(place_.port));
      }
      const std::optional<Hello> hello = receive_hello(socket);
      if (!hello || hello->rank == 0 || hello->rank >= place_.ranks) continue;
      if (hello->build != rank_build()) {
        throw Error(Code::failed_precondition, "rank " + std::to_string(hello->rank) +
                                                   " is of build " + hello->build + ", rank 0 of " +
                                                   rank_build());
      }
      Socket& line = ranks_[hello->rank - 1];
      if (!line.is_open()) --missing;
      line = std::move(socket);
    }
    thread_ = std::thread([this] { serve_engines(); });
  }
 private:
  // An engine of the command connects and says where its ranks shall come.
  void serve_engines() {
    while (!is_over_) {
      Socket socket;
      try {
        socket = listener_.accept(after_seconds(0.1));
      } catch (const Error&) {
        continue;
      }
      const std::optional<Hello> hello = receive_hello(socket);
      if (!hello || hello->rank != kEngineRank || hello->secret != secret_) continue;
      try {
        Message message;
        receive_message(socket, message, kMostHelloBytes, after_seconds(kCallTimeoutS));
        for (const Socket& rank : ranks_) {
          send_message(rank, kCall, message.bytes, after_seconds(kCallTimeoutS));
        }
      } catch (const Error& e) {
        std::cerr << "turbomind_rank: a rank cannot be called: " << e.what() << '\n';
      }
    }
  }

  LauncherPlace place_;
  Listener listener_;
  std::string secret_;
  std::vector<Socket> ranks_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

std::atomic<pid_t> command_pid{0};

// A launcher ends a job by signals to the processes that it knows; the command is not one of them.
void forward_signal(int signal) {
  if (command_pid > 0) kill(command_pid, signal);
}

int run_command(const std::vector<std::string>& command, const std::string& job) {
  setenv(kJobVariable, job.c_str(), 1);
  std::vector<std::string> arguments = command;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  struct sigaction forward {};
  forward.sa_handler = forward_signal;
  for (const int signal : {SIGTERM, SIGHUP}) sigaction(signal, &forward, nullptr);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, pointers[0], nullptr, nullptr, pointers.data(), environ);
  if (error != 0) {
    throw Error(Code::not_found, "cannot run " + command[0] + ": " + std::strerror(error));
  }
  command_pid = pid;
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_rank_0(const LauncherPlace& place, const std::vector<std::string>& command) {
  Control control(place);
  control.gather();
  // The command ends by its own signals; this process stays to tell the ranks.
  signal(SIGINT, SIG_IGN);
  return run_command(command, job_text({.port = place.port,
                                        .secret = control.secret(),
                                        .ranks = place.ranks,
                                        .local_rank = place.local_rank}));
}

int run_other_rank(const LauncherPlace& place) {
  const Socket control = connect_to(place.host, place.port, after_seconds(kRendezvousS));
  const Hello hello{rank_build(), "", place.rank, Line::work};
  send_message(control, kHello, serialise(hello), after_seconds(kRendezvousS));
  Message message;
  while (true) {
    try {
      receive_message(control, message, kMostHelloBytes, after_seconds(kForeverS));
    } catch (const Error&) {
      return 0;  // rank 0's command has ended
    }
    serve_engine({.host = place.host,
                  .meeting = parse_meeting(message.bytes),
                  .rank = place.rank,
                  .local_rank = place.local_rank});
  }
}

}  // namespace

int run_launched(const std::vector<std::string>& command) {
  const LauncherPlace place = launcher_place(variable);
  return place.rank == 0 ? run_rank_0(place, command) : run_other_rank(place);
}

}  // namespace turbomind
