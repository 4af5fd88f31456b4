// Functions that the host and the kernels share. nvcc takes constexpr functions as they are
// (--expt-relaxed-constexpr); others are marked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifdef __CUDACC__
#define TURBOMIND_HOST_DEVICE __host__ __device__
#else
#define TURBOMIND_HOST_DEVICE
#endif
