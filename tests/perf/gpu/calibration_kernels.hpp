// Kernels that do nothing of use: they measure what a kernel costs by being there, and how soon the
// host sees what a kernel writes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::perf {

// Queues an empty kernel of as many blocks as an H100 has multiprocessors. Dependent: as in
// cuda::Queue, and it lets the next one start at once.
void queue_empty_kernel(cuda::Queue queue);

// Queues one thread that waits until *request (mapped) is i and then releases i in *reply (mapped),
// for i from 1 to `rounds`. It gives up after a second or so without a request.
void queue_echo(const std::uint64_t* request, std::uint64_t* reply, std::uint64_t rounds,
                cuda::Stream stream);

// Queues one thread that releases `value` in *reply (mapped).
void queue_release(std::uint64_t* reply, std::uint64_t value, cuda::Stream stream);

}  // namespace turbomind::perf
