// SPDX-License-Identifier: Apache-2.0
#include "stats/host_stall.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "scripted_record.hpp"

using namespace lmbench::stats;
using lmbench::test::ns_of;
using lmbench::test::ScriptedRecord;
using lmbench::test::ScriptedRequest;

namespace {

constexpr std::uint64_t kPeriodNs = 200'000'000;

// A token every 10 ms, and one gap of so many after the 50th.
CaseRecord record_with_gap(double gap_ms, bool is_warmup = false) {
  ScriptedRequest request{.is_warmup = is_warmup};
  for (int i = 0; i < 100; ++i)
    request.events.push_back({10.0 * i + (i >= 50 ? gap_ms - 10 : 0), 1});
  ScriptedRecord script(8, true);
  script.add(request);
  if (is_warmup) script.add({.due_ms = 5000, .events = {{5010, 1}, {5020, 1}}});
  return script.record();
}

// Every 200 ms from 0 to 2000; in the one at `at_ms` a thread has waited so long.
std::vector<HostLook> looks_with_wait(double at_ms, double wait_ms) {
  std::vector<HostLook> looks;
  for (double t = 0; t <= 2000; t += 200) {
    looks.push_back({ns_of(t), t == at_ms ? static_cast<std::uint64_t>(wait_ms * 1e6) : 0});
  }
  return looks;
}

}  // namespace

TEST_CASE("a long gap while a thread waited for a CPU is the machine's") {
  // From 490 to 790 ms: the looks at 600 and 800 have seen of it.
  const CaseRecord record = record_with_gap(300);
  CHECK(has_host_stall(record, looks_with_wait(600, 150), kPeriodNs));
  CHECK(has_host_stall(record, looks_with_wait(800, 150), kPeriodNs));
  CHECK_FALSE(has_host_stall(record, looks_with_wait(800, 149), kPeriodNs));
  CHECK_FALSE(has_host_stall(record, looks_with_wait(400, 200), kPeriodNs));
  CHECK_FALSE(has_host_stall(record, looks_with_wait(1000, 200), kPeriodNs));
}

TEST_CASE("a long gap in which nobody waited is the engine's") {
  CHECK_FALSE(has_host_stall(record_with_gap(300), looks_with_wait(0, 0), kPeriodNs));
  CHECK_FALSE(has_host_stall(record_with_gap(300), {}, kPeriodNs));
}

TEST_CASE("a gap that is not ten times the median is nobody's business") {
  CHECK_FALSE(has_host_stall(record_with_gap(99), looks_with_wait(600, 190), kPeriodNs));
  CHECK(has_host_stall(record_with_gap(101), looks_with_wait(600, 190), kPeriodNs));
}

TEST_CASE("looks that come late themselves show a machine that stood still") {
  const CaseRecord record = record_with_gap(300);
  CHECK(has_host_stall(record, std::vector<HostLook>{{ns_of(400), 0}, {ns_of(800), 0}}, kPeriodNs));
  CHECK_FALSE(
      has_host_stall(record, std::vector<HostLook>{{ns_of(400), 0}, {ns_of(700), 0}}, kPeriodNs));
}

TEST_CASE("a stamp before the last one is a stall, whatever was seen of the machine") {
  CaseRecord record = record_with_gap(10);
  std::swap(record.events[20].t_ns, record.events[21].t_ns);
  CHECK(has_host_stall(record, {}, kPeriodNs));
}

TEST_CASE("warm-up and a case without gaps are not looked at") {
  CHECK_FALSE(has_host_stall(record_with_gap(300, true), looks_with_wait(600, 200), kPeriodNs));
  CHECK_FALSE(has_host_stall(CaseRecord{}, looks_with_wait(600, 200), kPeriodNs));
}
