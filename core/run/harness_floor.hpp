// What the runner itself costs per token, found by running an engine that answers at once through
// the very path that a real engine takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "run/launch.hpp"

namespace lmbench::run {

struct HarnessFloor {
  double median_ns_per_token_batch_1 = 0;
  double p999_ns_per_token_batch_1 = 0;
  double median_ns_per_token_batch_64 = 0;
};

// null_launch: a loaded null engine, for at least 64 requests at once. Takes some 0.1 s. Throws
// Error (engine_unusable) when a case on it does not end ok.
HarnessFloor measure_harness_floor(Launch& null_launch);

}  // namespace lmbench::run
