// Cells to a line of comma-separated values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lmbench::report {

// RFC 4180: quotes only where a comma, a quote or a line end asks for them.
std::string csv_line(std::span<const std::string> cells, std::string_view line_end);

}  // namespace lmbench::report
