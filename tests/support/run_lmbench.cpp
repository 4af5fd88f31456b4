// SPDX-License-Identifier: Apache-2.0
#include "run_lmbench.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

extern char** environ;

namespace lmbench::test {
namespace {

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends[0]);
    close_writer();
  }
  void close_writer() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  void drain_into(std::string& text) {
    std::array<char, 4096> buffer;
    for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
  std::array<int, 2> ends{};
};

std::vector<std::string> environment_of(const RunAs& as) {
  std::map<std::string, std::string> variables{{"XDG_CACHE_HOME", LMBENCH_BINARY_DIR "/cache"}};
  for (const auto& [name, value] : as.environment) variables[name] = value;
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (variables.count(text.substr(0, text.find('='))) == 0) all.push_back(text);
  }
  for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t spawn(const std::vector<std::string>& arguments, const RunAs& as, const Pipe& out,
            const Pipe& err) {
  std::vector<std::string> words = as.through;
  words.emplace_back(LMBENCH_BINARY_DIR "/lmbench");
  words.insert(words.end(), arguments.begin(), arguments.end());
  const std::string executable = words.front();
  std::vector<std::string> environment = environment_of(as);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, err.ends[1], 2);
  ::posix_spawn_file_actions_addchdir_np(&actions, as.folder.c_str());
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, executable.c_str(), &actions, nullptr,
                                  pointers_to(words).data(), pointers_to(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + executable);
  return pid;
}

}  // namespace

Finished run_lmbench(const std::vector<std::string>& arguments, const RunAs& as) {
  Pipe out;
  Pipe err;
  Finished finished;
  const pid_t pid = spawn(arguments, as, out, err);
  out.close_writer();
  err.close_writer();
  const auto deadline = std::chrono::steady_clock::now() + as.limit;
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    std::array<pollfd, 2> watched{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), 5);
    out.drain_into(finished.out);
    err.drain_into(finished.err);
    if (as.watch) as.watch(pid, finished);
    if (std::chrono::steady_clock::now() > deadline) ::kill(pid, SIGKILL);
  }
  out.drain_into(finished.out);
  err.drain_into(finished.err);
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return finished;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace lmbench::test
