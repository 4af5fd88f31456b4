// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/nccl_library.hpp"

#include "turbomind/cuda/shared_library.hpp"

namespace turbomind::cuda {
namespace {

NcclLibrary open_library() {
  const SharedLibrary file({"libnccl.so.2"}, "tp above 1 with device = \"cuda\"");
  NcclLibrary library{};
  file.find(library.get_version, "ncclGetVersion");
  file.find(library.get_unique_id, "ncclGetUniqueId");
  file.find(library.comm_init_rank_config, "ncclCommInitRankConfig");
  file.find(library.comm_get_async_error, "ncclCommGetAsyncError");
  file.find(library.comm_abort, "ncclCommAbort");
  file.find(library.all_reduce, "ncclAllReduce");
  file.find(library.all_gather, "ncclAllGather");
  file.find(library.get_error_string, "ncclGetErrorString");
  return library;
}

}  // namespace

const NcclLibrary& nccl_library() {
  static const NcclLibrary library = open_library();
  return library;
}

}  // namespace turbomind::cuda
