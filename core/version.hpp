// Which lmbench this is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace lmbench {

std::string_view version();          // "1.0.0"
std::string_view source_revision();  // "4f2c91a-dirty" as of the last configuring, or "unknown"

}  // namespace lmbench
