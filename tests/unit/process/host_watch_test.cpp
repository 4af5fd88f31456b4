// SPDX-License-Identifier: Apache-2.0
#include "process/host_watch.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "temporary_folder.hpp"

using lmbench::process::HostWatch;
using lmbench::test::TemporaryFolder;

namespace {

struct Tasks {
  void set(const std::string& thread, std::uint64_t waited_ns) const {
    std::filesystem::create_directories(folder.path() / thread);
    std::ofstream(folder.path() / thread / "schedstat") << "123456 " << waited_ns << " 7\n";
  }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("a look has the longest wait of one thread since the look before") {
  const Tasks tasks;
  tasks.set("10", 1000);
  tasks.set("11", 5000);
  HostWatch watch(tasks.folder.path());
  watch.begin(100);
  tasks.set("10", 1300);
  tasks.set("11", 5200);
  watch.look(200);
  tasks.set("11", 5250);
  tasks.set("12", 40);  // new
  const auto looks = watch.end(300);
  REQUIRE(looks.size() == 3);
  CHECK(looks[0].longest_wait_ns == 0);  // whatever was before
  CHECK(looks[1].t_ns == 200);
  CHECK(looks[1].longest_wait_ns == 300);
  CHECK(looks[2].longest_wait_ns == 50);
}

TEST_CASE("there are no looks outside of a case, nor from one case in the next") {
  const Tasks tasks;
  HostWatch watch(tasks.folder.path());
  watch.look(50);
  watch.begin(100);
  CHECK(watch.end(200).size() == 2);
  watch.look(250);
  CHECK(watch.end(260).empty());
  watch.begin(300);
  CHECK(watch.end(400).front().t_ns == 300);
}

TEST_CASE("a kernel that does not count gives looks without waits") {
  HostWatch watch("/no/such/folder");
  watch.begin(1);
  CHECK(watch.end(2).back().longest_wait_ns == 0);
}

TEST_CASE("this process's own threads are read") {
  HostWatch watch;
  watch.begin(1);
  CHECK(watch.end(2).size() == 2);
}
