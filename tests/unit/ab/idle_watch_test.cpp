// The CPU time of workers that wait, from a /proc that the test writes.
// SPDX-License-Identifier: Apache-2.0
#include "ab/idle_watch.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "temporary_folder.hpp"

using namespace lmbench;
using ab::IdleWatch;

namespace {

constexpr std::uint32_t kPid = 77;
constexpr std::uint64_t kSecond = 1'000'000'000;

class FakeProc {
 public:
  const std::filesystem::path& root() const { return folder_.path(); }

  void set_cpu(double seconds) const {
    const auto folder = root() / "proc" / std::to_string(kPid);
    std::filesystem::create_directories(folder);
    const auto ticks = static_cast<long>(seconds * static_cast<double>(::sysconf(_SC_CLK_TCK)));
    std::ofstream(folder / "stat") << kPid << " (worker) S 1 1 1 0 -1 0 0 0 0 0 " << ticks
                                   << " 0 0 0 20 0 1 0 0 0 5 0 0 0 0\n";
  }
  void end_process() const { std::filesystem::remove_all(root() / "proc" / std::to_string(kPid)); }
 private:
  test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("the share of a core is that of the waits, and work between them does not count") {
  const FakeProc proc;
  IdleWatch watch(proc.root());
  proc.set_cpu(10);
  watch.begins_to_wait(kPid, 0);
  proc.set_cpu(10.1);
  watch.ends_waiting(3 * kSecond);
  proc.set_cpu(50);
  watch.begins_to_wait(kPid, 10 * kSecond);
  proc.set_cpu(50.3);
  watch.ends_waiting(11 * kSecond);
  REQUIRE(watch.share().has_value());
  CHECK(*watch.share() == doctest::Approx(0.1));
}

TEST_CASE("too short a wait says nothing") {
  const FakeProc proc;
  IdleWatch watch(proc.root());
  proc.set_cpu(1);
  watch.begins_to_wait(kPid, 0);
  proc.set_cpu(2);
  watch.ends_waiting(kSecond);
  CHECK_FALSE(watch.share().has_value());
}

TEST_CASE("a worker that died while it waited says nothing") {
  const FakeProc proc;
  IdleWatch watch(proc.root());
  proc.set_cpu(1);
  watch.begins_to_wait(kPid, 0);
  proc.end_process();
  watch.ends_waiting(5 * kSecond);
  CHECK_FALSE(watch.share().has_value());
}
