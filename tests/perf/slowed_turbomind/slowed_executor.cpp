// SPDX-License-Identifier: Apache-2.0
#include "slowed_turbomind/slowed_executor.hpp"

#include "clock.hpp"

namespace turbomind::perf {

void SlowedExecutor::enqueue(const StepPlan& plan) {
  const std::uint64_t begin_ns = lmbench::monotonic_now_ns();
  wrapped_->enqueue(plan);
  const std::uint64_t plan_ns = lmbench::monotonic_now_ns() - begin_ns;
  const std::uint64_t end_ns =
      begin_ns + plan_ns + static_cast<std::uint64_t>(share_ * static_cast<double>(plan_ns));
  while (lmbench::monotonic_now_ns() < end_ns) {
  }
}

}  // namespace turbomind::perf
