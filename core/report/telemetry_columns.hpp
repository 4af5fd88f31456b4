// The columns of results.csv that telemetry gives.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "report/results_csv.hpp"

namespace lmbench::report {

void add_telemetry_columns(std::vector<Column>& columns);

}  // namespace lmbench::report
