// SPDX-License-Identifier: Apache-2.0
#include "turbomind/host_memory.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using turbomind::HostMemory;
using turbomind::read_host_memory;

namespace {

class FakeRoot {
 public:
  FakeRoot()
      : path_(std::filesystem::temp_directory_path() /
              ("turbomind_host_memory_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
  }
  ~FakeRoot() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  HostMemory read() const { return read_host_memory(path_.string()); }
 private:
  std::filesystem::path path_;
};

constexpr const char* kMeminfo =
    "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    800 kB\n";

}  // namespace

TEST_CASE("without a limit the memory is the machine's") {
  const FakeRoot root;
  root.write("proc/meminfo", kMeminfo);
  root.write("sys/fs/cgroup/memory.max", "max\n");
  CHECK(root.read().total_bytes == 1000 * 1024);
  CHECK(root.read().free_bytes == 800 * 1024);
}

TEST_CASE("the limit of a version 2 group counts, less what is used without file cache") {
  const FakeRoot root;
  root.write("proc/meminfo", kMeminfo);
  root.write("sys/fs/cgroup/memory.max", "512000\n");
  root.write("sys/fs/cgroup/memory.current", "300000\n");
  root.write("sys/fs/cgroup/memory.stat", "anon 100000\ninactive_file 200000\n");
  CHECK(root.read().total_bytes == 512000);
  CHECK(root.read().free_bytes == 412000);
}

TEST_CASE("the limit of a version 1 group counts too") {
  const FakeRoot root;
  root.write("proc/meminfo", kMeminfo);
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "400000\n");
  root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n");
  CHECK(root.read().total_bytes == 400000);
  CHECK(root.read().free_bytes == 300000);
}

TEST_CASE("what cannot be read is not known") {
  const FakeRoot root;
  CHECK(root.read().total_bytes == 0);
  CHECK(root.read().free_bytes == 0);
}
