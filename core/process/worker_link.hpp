// The coordinator's end of one worker: a process of its own, or, for debuggers, a thread of this
// one. Says what came, and if nothing comes any more, how the worker ended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "process/child_process.hpp"
#include "process/message_channel.hpp"
#include "process/protocol.hpp"
#include "run/outcome.hpp"

namespace lmbench::process {

struct WorkerOptions {
  std::map<std::string, std::string> environment;  // of [engine.environment]
  bool in_process = false;
  std::string cpus;                                 // "0-3,8"; empty: all; not for a thread
  std::function<void(std::string_view)> on_output;  // what the worker prints; may be empty
};

class WorkerLink {
 public:
  explicit WorkerLink(const WorkerOptions& options);  // throws Error
  ~WorkerLink();                                      // stop()
  WorkerLink(const WorkerLink&) = delete;
  WorkerLink& operator=(const WorkerLink&) = delete;

  int worker_pid() const noexcept;  // our own for a thread

  // False when the worker is gone; has_ended() will be true.
  bool send(const Request& request);

  // The next reply, waiting for it at most that long; empty also when a signal came or the worker
  // ended. Throws Error when the worker talks nonsense.
  std::optional<Reply> receive(std::chrono::milliseconds timeout);

  // The worker is gone and all that it said has been received.
  bool has_ended() const noexcept { return has_ended_; }
  // crash, or oom if the memory killer did it; with the signal and the worker's last words.
  run::Outcome death();

  // Asks it to quit; kills it when it does not within the time. A thread that does not end is left
  // behind: has_stray_thread().
  void stop(std::chrono::milliseconds patience);
  // After stop(): what was wrong with its end, if anything; empty also for a thread.
  std::string unclean_end();
  // The user wants it to end: a conversion gets the time to clear up, all else ends at once.
  void interrupt(std::chrono::milliseconds patience);
 private:
  struct ThreadWorker;
  bool wait_readable(std::chrono::milliseconds timeout);

  std::uint64_t memory_kills_before_;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<ThreadWorker> thread_;
  std::optional<MessageChannel> channel_;
  bool has_ended_ = false;
};

// An engine hangs in a thread of this process, which must therefore end without clearing up.
bool has_stray_thread() noexcept;

// The end of what a process said, on one line, for a cell of a table.
std::string last_line_of(std::string_view words);

}  // namespace lmbench::process
