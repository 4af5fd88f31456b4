// For the mutation test: SIMT_LIST_BARRIERS names a file for the places of all barriers that are met,
// SIMT_SKIP_BARRIER a place whose barrier does nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace simt {

bool is_left_out(const char* file, int line);

}  // namespace simt
