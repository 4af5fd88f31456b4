// What a kernel sees of CUDA when the host's compiler compiles it: the CPU's side of
// plugins/turbomind/cuda/kernels/simt.hpp. A CUDA thread is a fiber; the fibers of a thread block share
// one thread of the operating system; only where threads meet does one give way to another. So each
// runs as far ahead of the others as it can, which is what brings missing barriers to light.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "atomics.hpp"
#include "device_math.hpp"
#include "device_memory.hpp"
#include "float16_types.hpp"
#include "kernel_language.hpp"
#include "launch.hpp"
#include "matrix_product.hpp"
#include "memory_order.hpp"
#include "warp.hpp"
