// SPDX-License-Identifier: Apache-2.0
#include "process/worker_link.hpp"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "error.hpp"
#include "process/worker.hpp"

namespace lmbench::process {
namespace {

using std::chrono::milliseconds;

std::atomic<bool> stray_thread{false};

std::uint64_t counter_in(const char* file, std::string_view name) {
  std::ifstream in(file);
  std::string key;
  for (std::uint64_t value = 0; in >> key >> value;) {
    if (key == name) return value;
  }
  return 0;
}

// How often the kernel has killed for memory, of the machine and of our container.
std::uint64_t memory_kills() {
  return counter_in("/proc/vmstat", "oom_kill") +
         counter_in("/sys/fs/cgroup/memory.events", "oom_kill");
}

SpawnOptions worker_command(const WorkerOptions& options) {
  std::vector<std::string> arguments = {"lmbench", "worker", "--fd", std::to_string(kChannelFd)};
  if (!options.cpus.empty()) arguments.insert(arguments.end(), {"--cpus", options.cpus});
  return {.executable = "/proc/self/exe",
          .arguments = std::move(arguments),
          .environment = options.environment};
}

}  // namespace

struct WorkerLink::ThreadWorker {
  ThreadWorker() {
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
      throw Error("cannot make a socket pair", ExitCode::engine_unusable);
    }
    ours = FileDescriptor(sockets[0]);
    std::packaged_task<void()> task([fd = sockets[1]] {
      const FileDescriptor theirs(fd);
      serve(theirs.get(), WorkerKind::thread);
    });
    ended = task.get_future();
    thread = std::thread(std::move(task));
  }
  ThreadWorker(const ThreadWorker&) = delete;
  ThreadWorker& operator=(const ThreadWorker&) = delete;
  ~ThreadWorker() {
    if (thread.joinable()) thread.join();
  }
  void join_or_leave(milliseconds patience) {
    if (!thread.joinable()) return;
    if (ended.wait_for(patience) == std::future_status::ready) {
      thread.join();
    } else {
      stray_thread = true;
      thread.detach();
    }
  }
  FileDescriptor ours;
  std::future<void> ended;
  std::thread thread;
};

WorkerLink::WorkerLink(const WorkerOptions& options) : memory_kills_before_(memory_kills()) {
  if (options.in_process) {
    for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
    thread_ = std::make_unique<ThreadWorker>();
    channel_.emplace(thread_->ours.get());
  } else {
    child_ = std::make_unique<ChildProcess>(worker_command(options), options.on_output);
    channel_.emplace(child_->channel_fd());
  }
}

WorkerLink::~WorkerLink() { stop(milliseconds(5000)); }

int WorkerLink::worker_pid() const noexcept { return child_ ? child_->pid() : ::getpid(); }

bool WorkerLink::send(const Request& request) { return channel_->send(encode(request)); }

std::optional<Reply> WorkerLink::receive(milliseconds timeout) {
  if (auto message = channel_->next()) return decode_reply(*message);
  const bool readable = wait_readable(timeout);
  if (readable && !channel_->fill()) has_ended_ = true;
  if (auto message = channel_->next()) {
    return decode_reply(*message);
  }
  return std::nullopt;
}

run::Outcome WorkerLink::death() {
  if (!child_) return {run::Status::crash, "the engine's thread ended"};
  child_->wait_for_exit(milliseconds(10000));  // the kernel closes the socket before it says how
  child_->kill();
  const ExitState state = child_->exit_state().value_or(ExitState{});
  const std::string& words = child_->last_words();
  const std::string said = last_line_of(words);
  const std::string reason = describe(state) + (said.empty() ? "" : "; last words: " + said);
  const bool memory_killer =
      state.is_signal && state.number == SIGKILL && memory_kills() > memory_kills_before_;
  if (memory_killer) return {run::Status::oom, "killed by the kernel for want of memory"};
  if (words.find("std::bad_alloc") != std::string::npos) return {run::Status::oom, reason};
  return {run::Status::crash, reason};
}

void WorkerLink::stop(milliseconds patience) {
  if (thread_) {
    channel_->send(encode(Request(QuitRequest{})));
    ::shutdown(thread_->ours.get(), SHUT_WR);
    thread_->join_or_leave(patience);
    return;
  }
  if (!has_ended_ && patience.count() > 0) {
    channel_->send(encode(Request(QuitRequest{})));
    child_->wait_for_exit(patience);
  }
  child_->kill();
}

std::string WorkerLink::unclean_end() {
  const ExitState state = child_ ? child_->exit_state().value_or(ExitState{}) : ExitState{};
  if (state.was_killed_by_us) return "it took too long and was killed";
  return state.is_clean() ? std::string() : describe(state);
}

void WorkerLink::interrupt(milliseconds patience) {
  if (child_ && !has_ended_) child_->ask_to_end();
  stop(child_ ? patience : milliseconds(0));
}

bool WorkerLink::wait_readable(milliseconds timeout) {
  if (child_) return child_->wait(timeout);
  pollfd watched{thread_->ours.get(), POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
}

bool has_stray_thread() noexcept { return stray_thread; }

std::string last_line_of(std::string_view words) {
  constexpr std::size_t kLongest = 300;  // a cell, not a log; log.txt has all of it
  std::string line;
  for (const char c : words) line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (line.size() > kLongest) line.erase(0, line.size() - kLongest);
  const auto is_continued = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  while (!line.empty() && (is_continued(line.front()) || line.front() == ' ')) line.erase(0, 1);
  return line;
}

}  // namespace lmbench::process
