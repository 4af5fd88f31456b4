// SPDX-License-Identifier: Apache-2.0
#include "process/machine_facts.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "temporary_folder.hpp"

namespace {

std::string value(const lmbench::process::Facts& facts, const std::string& name) {
  for (const auto& [fact, text] : facts) {
    if (fact == name) return text;
  }
  return "absent";
}

}  // namespace

TEST_CASE("facts are read from proc, sys and etc, and what is not there is left out") {
  const lmbench::test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "proc");
  std::filesystem::create_directories(folder.path() / "etc");
  std::ofstream(folder.path() / "proc/cpuinfo")
      << "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nprocessor\t: 1\n";
  std::ofstream(folder.path() / "proc/meminfo") << "MemTotal:       1024 kB\n";
  std::ofstream(folder.path() / "etc/os-release") << "PRETTY_NAME=\"Some Linux 12\"\n";
  const auto facts = lmbench::process::machine_facts(folder.path());
  CHECK(value(facts, "cpu_model") == "Some CPU @ 3 GHz");
  CHECK(value(facts, "memory_total") == "1024 kB");
  CHECK(value(facts, "os") == "Some Linux 12");
  CHECK(value(facts, "cpu_governor") == "absent");
  CHECK(value(facts, "cpus_usable") != "absent");
}

TEST_CASE("the environment of the manifest holds what changes an engine, and nothing private") {
  ::setenv("OMP_NUM_THREADS", "3", 1);
  ::setenv("SOME_TOKEN", "secret", 1);
  const auto facts = lmbench::process::relevant_environment();
  CHECK(value(facts, "OMP_NUM_THREADS") == "3");
  CHECK(value(facts, "SOME_TOKEN") == "absent");
}
