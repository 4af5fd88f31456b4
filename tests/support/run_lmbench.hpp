// Runs the real lmbench executable the way a user does, and keeps what it said.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lmbench::test {

struct Finished {
  int exit_code = -1;  // or minus the signal
  std::string out;
  std::string err;
};

struct RunAs {
  std::filesystem::path folder;  // to stand in
  // Called every few milliseconds while it runs, with what it said so far: to send a signal.
  std::function<void(int pid, const Finished& so_far)> watch;
  std::chrono::seconds limit{120};  // then killed, exit_code -9
  // In front of the executable and its arguments: a shell that sets limits, and then exec "$@".
  std::vector<std::string> through;
  // Besides ours. XDG_CACHE_HOME, if it is not given, is a folder of the build: a test does not
  // write into anybody's home.
  std::map<std::string, std::string> environment;
};

Finished run_lmbench(const std::vector<std::string>& arguments, const RunAs& as);

std::string read_file(const std::filesystem::path& file);

}  // namespace lmbench::test
