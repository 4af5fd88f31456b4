// SPDX-License-Identifier: Apache-2.0
#include "telemetry/visible_devices.hpp"

#include <doctest/doctest.h>

using lmbench::telemetry::visible_devices;
using Devices = std::vector<std::uint32_t>;

namespace {

const std::vector<std::string> kUuids = {"GPU-aaa1", "GPU-aaa2", "GPU-bbb1"};

}  // namespace

TEST_CASE("without the variable all devices are visible, with an empty one none") {
  CHECK(visible_devices(std::nullopt, kUuids) == Devices{0, 1, 2});
  CHECK(visible_devices("", kUuids).empty());
}

TEST_CASE("devices are named by number or by the beginning of their uuid") {
  CHECK(visible_devices("2,0", kUuids) == Devices{2, 0});
  CHECK(visible_devices("GPU-bbb", kUuids) == Devices{2});
}

TEST_CASE("what stands behind an entry that is no device is not visible") {
  CHECK(visible_devices("1,7,0", kUuids) == Devices{1});
  CHECK(visible_devices("-1,0", kUuids).empty());
}
