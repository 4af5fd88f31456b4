// A child process that is watched by its pidfd: spawned (never forked), its standard output and
// error in one pipe whose end is kept, one socket to talk through, killed when its owner goes.
// The child sees the socket as descriptor kChannelFd and lives in a process group of its own, so
// that Ctrl-C reaches only the parent, which then decides.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/file_descriptor.hpp"

namespace lmbench::process {

constexpr int kChannelFd = 3;
constexpr std::size_t kLastWordsBytes = 4096;

struct SpawnOptions {
  std::string executable = "/proc/self/exe";
  std::vector<std::string> arguments;              // with argv[0]
  std::map<std::string, std::string> environment;  // added to ours, or in place of ours
};

struct ExitState {
  bool is_signal = false;
  int number = 0;  // exit code or signal
  bool was_killed_by_us = false;

  bool is_clean() const noexcept { return !is_signal && number == 0; }
};

// "SIGSEGV (segmentation fault)", "exit code 3".
std::string describe(const ExitState& state);

class ChildProcess {
 public:
  // on_output gets what the child prints, as it comes; may be empty. Throws Error.
  ChildProcess(const SpawnOptions& options, std::function<void(std::string_view)> on_output);
  ~ChildProcess();  // kills and reaps
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const noexcept { return pid_; }
  int channel_fd() const noexcept { return channel_.get(); }

  // Blocks until the socket can be read, the child has ended, a signal came, or the time is over;
  // output of the child is consumed meanwhile. True when the socket can be read.
  bool wait(std::chrono::milliseconds timeout);

  // Waits for the end; true when it came in time.
  bool wait_for_exit(std::chrono::milliseconds timeout);

  // The way it ended; empty while it runs. Reaps it.
  const std::optional<ExitState>& exit_state();

  void ask_to_end() noexcept;  // SIGTERM to it alone
  void kill() noexcept;        // SIGKILL to it and its children, and waits for the end

  // The last kLastWordsBytes that the child printed.
  const std::string& last_words();
 private:
  void drain_output();
  void reap(bool block);

  std::function<void(std::string_view)> on_output_;
  FileDescriptor channel_;
  FileDescriptor output_;
  FileDescriptor pidfd_;
  pid_t pid_ = -1;
  bool killed_ = false;
  std::optional<ExitState> exit_state_;
  std::string last_words_;
};

}  // namespace lmbench::process
