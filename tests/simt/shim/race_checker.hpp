// The race checker's view of one access of a kernel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace simt {

enum class Access { read, write, atomic };

// A kernel accesses memory. Not for its own stack alone: whatever is neither shared nor device memory,
// nor the kernel's own, is reported.
void check_access(const void* address, std::size_t bytes, Access access, const void* place);

// The same for what the runtime may also do: anything but shared and device memory is nobody's concern.
void check_copy(const void* address, std::size_t bytes, Access access, const void* place);

// An access of a fixed width.
void check_alignment(const void* address, std::size_t bytes, const void* place);

}  // namespace simt
