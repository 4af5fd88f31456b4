// What the GPU of this process can do at most, and what its small delays are: the figures that times
// of kernels and of the model are set against.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace turbomind::perf {

// 0: not measured.
struct Calibration {
  double read_bytes_per_s = 0;   // by a kernel that only reads
  double copy_bytes_per_s = 0;   // device to device, bytes read and written counted
  double bf16_flops_per_s = 0;   // of products of 8192^3 by cuBLASLt
  double boundary_us = 0;        // what one more empty kernel in a graph takes
  double early_boundary_us = 0;  // the same with programmatic dependent launch
  double echo_us = 0;            // host to kernel and back through mapped memory, median
  double launch_to_host_us = 0;  // launch of a kernel until the host sees what it released, median
};

// Hands over what it has after each figure, so that a failure loses no more than what follows. Throws
// Error.
void calibrate(const std::function<void(const Calibration&)>& keep);

}  // namespace turbomind::perf
