// Rows of cells as lines with their columns under each other, for a person at a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lmbench::report {

using Cells = std::vector<std::string>;

// The first and the last column are texts and begin on the left, the others end on the right. All
// rows have as many cells as the first one.
std::string aligned(const std::vector<Cells>& rows);

}  // namespace lmbench::report
