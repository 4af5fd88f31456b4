// The columns of results.csv that say how many rounds a case took and how well its rate is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "report/results_csv.hpp"

namespace lmbench::report {

void add_round_columns(std::vector<Column>& columns);

}  // namespace lmbench::report
