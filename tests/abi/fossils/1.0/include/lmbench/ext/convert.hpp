// "lmbench.convert/1": a checkpoint in, the engine's own format out, for `lmbench convert`. Usable
// before load().
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lmbench/engine_abi.hpp>
namespace lmbench { inline namespace v1 {
// The runner's, for one convert() call.
class IProgressSink {
 public:
  // fraction in [0, 1]. Any answer but ok: stop, and return that code.
  virtual Code on_progress(StrView stage, double fraction) noexcept = 0;
 protected:
  ~IProgressSink() = default;
};
class IConverter {
 public:
  // [control] Touches no device. An unknown option is an error. Writes beside target and renames at
  // the end, so that a failure leaves nothing.
  virtual Code convert(StrView source, StrView target, ConfigView options, IProgressSink* progress,
                       ErrorText* error) noexcept = 0;
 protected:
  ~IConverter() = default;
};
}}  // namespace lmbench::v1
