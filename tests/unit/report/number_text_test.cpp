// SPDX-License-Identifier: Apache-2.0
#include "report/number_text.hpp"

#include <doctest/doctest.h>

using namespace lmbench::report;

TEST_CASE("a legacy time has at most three decimals, in its shortest form, and always a point") {
  CHECK(legacy_seconds_text(0.01) == "0.01");
  CHECK(legacy_seconds_text(0.011) == "0.011");
  CHECK(legacy_seconds_text(0) == "0.0");
  CHECK(legacy_seconds_text(7.805) == "7.805");
  CHECK(legacy_seconds_text(0.0004) == "0.0");
  CHECK(legacy_seconds_text(0.0006) == "0.001");
  CHECK(legacy_seconds_text(12) == "12.0");
  CHECK(legacy_seconds_text(307.49961) == "307.5");
  CHECK(legacy_seconds_text(1234567.1234) == "1234567.123");
}

TEST_CASE("ties go where NumPy sends them, to the even digit") {
  CHECK(legacy_seconds_text(0.0125) == "0.012");
  CHECK(legacy_seconds_text(0.0375) == "0.038");
}

TEST_CASE("a rate has its nine leading digits and no zeros behind") {
  CHECK(number_text(97.560975609756) == "97.5609756");
  CHECK(number_text(0.0123456789012) == "0.0123456789");
  CHECK(number_text(100) == "100");
}

TEST_CASE("fixed decimals are kept, zeros too") {
  CHECK(fixed_text(100, 2) == "100.00");
  CHECK(fixed_text(86.1, 2) == "86.10");
  CHECK(fixed_text(1e300, 0).size() == 301);
}

TEST_CASE("durations are in the unit that a reader thinks in") {
  CHECK(duration_text(0.25) == "0.2 s");
  CHECK(duration_text(61) == "1 min 01 s");
  CHECK(duration_text(3720) == "1 h 02 min");
}

TEST_CASE("what is not available is an empty text") {
  CHECK(text_or_empty(std::nullopt, number_text).empty());
  CHECK(text_or_empty(0.0, number_text) == "0");
}
