// "lmbench.roofline/1": the work of each step and the peaks of the device, from which the runner says
// how near an engine is to what the device can do. Work is what the model asks for, not what the
// kernels happened to move; all figures are those of the busiest device.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lmbench/engine_abi.hpp>
namespace lmbench { inline namespace v1 {
// 64 bytes for the whole of the revision.
struct StepWork {
  std::uint64_t step;
  std::uint64_t end_ns;  // CLOCK_MONOTONIC, when the engine knew the step was done
  std::uint32_t prefill_tokens;
  std::uint32_t decode_tokens;
  std::uint32_t sequences;
  std::uint32_t reserved;
  double weight_bytes;  // least traffic: every weight used, once
  double kv_bytes;      // keys and values read and written, once each
  double flops;         // 2 per multiply-add the model asks for
  std::uint64_t reserved64;
};
struct DevicePeak {
  double bytes_per_s;
  double flops_per_s;      // in the arithmetic the weights are computed in
  std::uint32_t measured;  // 0: from a data sheet
  std::uint32_t reserved;
  StrView device_name;  // valid until destroy()
};
// The runner's.
class IStepSink {
 public:
  // [engine] As IEventSink::on_events().
  virtual void on_steps(const StepWork* steps, std::uint32_t count) noexcept = 0;
 protected:
  ~IStepSink() = default;
};
class IRoofline {
 public:
  // [control] After load().
  virtual Code peak(DevicePeak* peak, ErrorText* error) noexcept = 0;

  // [control] With nothing in flight. Null switches it off.
  virtual void attach(IStepSink* sink) noexcept = 0;
 protected:
  ~IRoofline() = default;
};
static_assert(sizeof(StepWork) == 64 && sizeof(DevicePeak) == 40, "");
}}  // namespace lmbench::v1
