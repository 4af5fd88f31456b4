// The fake libnvidia-ml.so.1, with its script. A library reads its script once in a process, so each
// script is played by a copy of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

#include "temporary_folder.hpp"

namespace lmbench::test {

class FakeNvml {
 public:
  explicit FakeNvml(const std::string& script, const std::string& age = "current") {
    const auto script_file = folder_.path() / "script.txt";
    std::ofstream(script_file) << script;
    ::setenv("LMBENCH_FAKE_NVML", script_file.c_str(), 1);
    library_ = folder_.path() / "libnvidia-ml.so.1";
    std::filesystem::copy_file(
        std::filesystem::path(LMBENCH_BINARY_DIR) / "tests/fake_nvml" / age / "libnvidia-ml.so.1",
        library_);
  }
  std::string library() const { return library_.string(); }
 private:
  TemporaryFolder folder_;
  std::filesystem::path library_;
};

}  // namespace lmbench::test
