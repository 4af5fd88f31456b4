// A named range on the time line of a profiler, where the toolkit has NVTX; nothing elsewhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>
#define TURBOMIND_HAS_NVTX 1
#endif

namespace turbomind::cuda {

class NvtxRange {
 public:
#ifdef TURBOMIND_HAS_NVTX
  explicit NvtxRange(const char* name) { nvtxRangePushA(name); }
  ~NvtxRange() { nvtxRangePop(); }
#else
  explicit NvtxRange(const char* /*name*/) {}
#endif
  NvtxRange(const NvtxRange&) = delete;
  NvtxRange& operator=(const NvtxRange&) = delete;
};

}  // namespace turbomind::cuda
