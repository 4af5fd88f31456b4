// SPDX-License-Identifier: Apache-2.0
#include "turbomind/read_bandwidth.hpp"

#include <doctest/doctest.h>

TEST_CASE("the read bandwidth is a rate that a machine can have") {
  const double bytes_per_s = turbomind::measure_read_bandwidth(turbomind::usable_cpus());
  MESSAGE("read bandwidth " << bytes_per_s / 1e9 << " GB/s");
  CHECK(bytes_per_s > 1e7);
  CHECK(bytes_per_s < 1e14);
}
