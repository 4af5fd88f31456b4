// "lmbench.progress/1", offered by hosts through IHost::extension(): how far a long load() is.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lmbench/engine_abi.hpp>
namespace lmbench { inline namespace v1 {
class IProgress {
 public:
  // [any] stage: a few words for the progress line; fraction in [0, 1]. Feeds the stall limit.
  virtual void on_load_progress(StrView stage, double fraction) noexcept = 0;
 protected:
  ~IProgress() = default;
};
}}  // namespace lmbench::v1
