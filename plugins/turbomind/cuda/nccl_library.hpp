// The functions of NCCL in use, from the library that is found at run time. Tests put their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nccl.h>

namespace turbomind::cuda {

struct NcclLibrary {
  decltype(&ncclGetVersion) get_version;
  decltype(&ncclGetUniqueId) get_unique_id;
  decltype(&ncclCommInitRankConfig) comm_init_rank_config;
  decltype(&ncclCommGetAsyncError) comm_get_async_error;
  decltype(&ncclCommAbort) comm_abort;
  decltype(&ncclAllReduce) all_reduce;
  decltype(&ncclAllGather) all_gather;
  decltype(&ncclGetErrorString) get_error_string;
};

// Opens the library when first called. Throws Error(unsupported) when it cannot.
const NcclLibrary& nccl_library();

}  // namespace turbomind::cuda
