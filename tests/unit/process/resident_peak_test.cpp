// SPDX-License-Identifier: Apache-2.0
#include "process/resident_peak.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace lmbench::process;

TEST_CASE("the peak is the VmHWM line, in bytes") {
  CHECK(resident_peak_in("VmPeak:\t  9999 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 5 kB\n") ==
        1234 * 1024);
  CHECK(resident_peak_in("VmRSS:\t 5 kB\n") == 0);
  CHECK(resident_peak_in("") == 0);
}

TEST_CASE("memory that this process touches raises its peak") {
  constexpr std::size_t kBytes = std::size_t{64} << 20U;
  restart_resident_peak();
  const std::uint64_t before = resident_peak_bytes();
  REQUIRE(before > 0);
  {
    const std::vector<char> touched(kBytes, 'x');
    CHECK(touched.back() == 'x');
  }
  CHECK(resident_peak_bytes() > before);
}
