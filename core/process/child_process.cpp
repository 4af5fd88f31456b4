// posix_spawn, pidfd and exit decoding. What a child printed is read to the end before its exit
// is reported, so that last words are never cut by a race.
// SPDX-License-Identifier: Apache-2.0
#include "process/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

#include "error.hpp"

extern char** environ;

namespace lmbench::process {
namespace {

[[noreturn]] void fail(const char* what, int error_number) {
  throw Error(std::string("cannot start a worker process: ") + what + ": " +
                  ::strerrordesc_np(error_number),
              ExitCode::engine_unusable);
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (added.find(std::string(text.substr(0, text.find('=')))) == added.end()) {
      merged.emplace_back(text);
    }
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The child's descriptors: nothing to read, output into the pipe, the socket at kChannelFd.
class SpawnActions {
 public:
  SpawnActions(int channel, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, 1);
    ::posix_spawn_file_actions_adddup2(&actions_, output, 2);
    ::posix_spawn_file_actions_adddup2(&actions_, channel, kChannelFd);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }
 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// dup2 in the child would overwrite a descriptor that it still needs, were it below this.
FileDescriptor lifted(int fd) {
  const FileDescriptor original(fd);
  return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, kChannelFd + 1));
}

}  // namespace

std::string describe(const ExitState& state) {
  if (!state.is_signal) return "exit code " + std::to_string(state.number);
  const char* name = ::sigabbrev_np(state.number);
  const char* text = ::sigdescr_np(state.number);
  return (name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(state.number)) +
         (text != nullptr ? " (" + std::string(text) + ")" : "");
}

ChildProcess::ChildProcess(const SpawnOptions& options,
                           std::function<void(std::string_view)> on_output)
    : on_output_(std::move(on_output)) {
  std::array<int, 2> sockets{};
  std::array<int, 2> pipe{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    fail("socketpair", errno);
  }
  channel_ = FileDescriptor(sockets[0]);
  const FileDescriptor childs_channel = lifted(sockets[1]);
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail("pipe", errno);
  output_ = FileDescriptor(pipe[0]);
  const FileDescriptor childs_output = lifted(pipe[1]);
  ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);

  const SpawnActions spawn(childs_channel.get(), childs_output.get());
  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = merged_environment(options.environment);
  const int error =
      ::posix_spawn(&pid_, options.executable.c_str(), spawn.actions(), spawn.attributes(),
                    pointers_to(arguments).data(), pointers_to(environment).data());
  if (error != 0) fail(options.executable.c_str(), error);
  pidfd_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_.is_open()) {
    const int open_error = errno;
    kill();
    fail("pidfd_open", open_error);
  }
}

ChildProcess::~ChildProcess() { kill(); }

bool ChildProcess::wait(std::chrono::milliseconds timeout) {
  std::array<pollfd, 3> watched{
      {{channel_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {pidfd_.get(), POLLIN, 0}}};
  if (::poll(watched.data(), watched.size(), static_cast<int>(timeout.count())) <= 0) return false;
  if (watched[1].revents != 0) drain_output();
  return watched[0].revents != 0;
}

bool ChildProcess::wait_for_exit(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!exit_state()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> watched{{{output_.get(), POLLIN, 0}, {pidfd_.get(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), static_cast<int>(left.count())) > 0) drain_output();
  }
  return true;
}

const std::optional<ExitState>& ChildProcess::exit_state() {
  if (!exit_state_) reap(false);
  return exit_state_;
}

void ChildProcess::ask_to_end() noexcept {
  if (pid_ >= 0 && !exit_state_)
    ::kill(pid_, SIGTERM);  // not reaped, so the number is still its own
}

void ChildProcess::kill() noexcept {
  if (pid_ < 0 || exit_state_) return;
  killed_ = ::kill(-pid_, SIGKILL) == 0 || ::kill(pid_, SIGKILL) == 0;
  try {
    reap(true);
  } catch (...) {  // out of memory while copying last words: the child is reaped all the same
  }
}

const std::string& ChildProcess::last_words() {
  drain_output();
  return last_words_;
}

void ChildProcess::drain_output() {
  std::array<char, 4096> buffer;
  while (output_.is_open()) {
    const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) output_.close();
    if (got <= 0) return;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    if (on_output_) on_output_(text);
    last_words_ += text;
    if (last_words_.size() > kLastWordsBytes) {
      last_words_.erase(0, last_words_.size() - kLastWordsBytes);
    }
  }
}

void ChildProcess::reap(bool block) {
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = ::waitpid(pid_, &status, block ? 0 : WNOHANG);
  } while (reaped < 0 && errno == EINTR);
  if (reaped != pid_) return;
  ExitState state;
  state.is_signal = WIFSIGNALED(status);
  state.number = state.is_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  state.was_killed_by_us = killed_ && state.is_signal && state.number == SIGKILL;
  exit_state_ = state;
  drain_output();
}

}  // namespace lmbench::process
