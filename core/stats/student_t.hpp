// Student's t distribution.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lmbench::stats {

// The t that a variable with so many degrees of freedom (above 0, whole or not) exceeds with this
// chance, in (0, 1). Allocates nothing.
double student_t_above(double chance, double degrees_of_freedom);

// The chance to exceed this t.
double student_t_tail(double t, double degrees_of_freedom);

}  // namespace lmbench::stats
