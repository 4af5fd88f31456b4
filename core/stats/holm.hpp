// Many tests in one session: without a correction one of twenty claims something by chance.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

namespace lmbench::stats {

// Holm's step-down adjustment (Scandinavian Journal of Statistics 6, 1979): a claim whose adjusted p
// is at most a level may be made, and the chance that any claim of the session is false is at most
// that level, however the tests depend on each other. In the order of the argument.
std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace lmbench::stats
