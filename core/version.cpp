// The only source that a new commit compiles again, besides the entries of the plugins.
// SPDX-License-Identifier: Apache-2.0
#include "version.hpp"

namespace lmbench {

std::string_view version() { return LMBENCH_VERSION; }

std::string_view source_revision() { return LMBENCH_SOURCE_REVISION; }

}  // namespace lmbench
