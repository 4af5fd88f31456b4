// barrier_mutation TEST: runs the executable once to learn which barriers its kernels meet, then once
// with each of them left out, and demands that the test then fails: by the race checker, by a wrong
// result or by a deadlock. A barrier that nobody misses is one that is not needed, or not tested.
// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

// Runs the test, its output going to `log`. True: it passed.
bool passes(const std::string& test, const std::string& log) {
  const std::string command = "timeout 120 '" + test + "' --abort-after=1 >'" + log + "' 2>&1";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string reason(const std::string& log) {
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    for (const char* const sign : {"RACE", "deadlock", "divergent", "uninitialised"}) {
      if (line.find(sign) != std::string::npos) return sign;
    }
  }
  return "wrong result";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: barrier_mutation TEST\n";
    return 2;
  }
  const std::string test = argv[1];
  const std::string base = test + "." + std::to_string(getpid());
  const std::string list = base + ".barriers";
  const std::string log = base + ".log";
  setenv("SIMT_LIST_BARRIERS", list.c_str(), 1);
  bool holds = passes(test, log);
  unsetenv("SIMT_LIST_BARRIERS");
  if (!holds) std::cout << "the test fails with all barriers in place; see " << log << '\n';
  std::vector<std::string> barriers;
  std::ifstream file(list);
  for (std::string line; std::getline(file, line);) barriers.push_back(line);
  for (const std::string& barrier : barriers) {
    setenv("SIMT_SKIP_BARRIER", barrier.c_str(), 1);
    const char* order = "forward";
    bool is_missed = false;
    for (const char* const tried : {"forward", "reverse", "random"}) {
      setenv("SIMT_ORDER", tried, 1);
      order = tried;
      is_missed = !passes(test, log);
      if (is_missed) break;
    }
    std::printf("%-32s %s\n", barrier.c_str(),
                is_missed ? (reason(log) + " (" + order + ")").c_str() : "NOBODY MISSES IT");
    holds = holds && is_missed;
  }
  std::printf("%zu barriers\n", barriers.size());
  std::filesystem::remove(list);
  if (holds) std::filesystem::remove(log);
  return holds ? 0 : 1;
}
