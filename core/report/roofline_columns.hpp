// The columns of results.csv that set a case against what its device can do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "report/results_csv.hpp"

namespace lmbench::report {

void add_roofline_columns(std::vector<Column>& columns);

}  // namespace lmbench::report
