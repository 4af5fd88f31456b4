// "lmbench.memory/1": what an engine has its memory for.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lmbench/engine_abi.hpp>
namespace lmbench { inline namespace v1 {
// The runner's, for one parts() call.
class IMemorySink {
 public:
  // part: weights, kv, workspace, graphs, communication or other. device: -1 is the host. The peak is
  // that since load() or reset().
  virtual void on_part(StrView part, std::int32_t device, std::uint64_t reserved_bytes,
                       std::uint64_t used_bytes, std::uint64_t peak_bytes) noexcept = 0;
 protected:
  ~IMemorySink() = default;
};
class IMemory {
 public:
  // [control] After load(). One on_part() for each part and device.
  virtual void parts(IMemorySink* sink) noexcept = 0;
 protected:
  ~IMemory() = default;
};
}}  // namespace lmbench::v1
