// Looks at machine, worker and devices some times a second, from threads of its own: one for what
// the kernel says and one for NVML, which may hang without the other noticing. Nobody ever waits
// for them but for as long as they say.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stats/telemetry_sample.hpp"
#include "telemetry/nvml.hpp"
#include "telemetry/periodic_thread.hpp"

namespace lmbench::telemetry {

struct SamplerOptions {
  std::chrono::milliseconds period{200};
  std::optional<std::string> visible_devices;  // the worker's CUDA_VISIBLE_DEVICES
  std::string nvml_library = "libnvidia-ml.so.1";
  std::filesystem::path root = "/";  // of proc and sys
};

class Sampler {
 public:
  explicit Sampler(const SamplerOptions& options);
  ~Sampler();  // gives up a thread that does not end within a second
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // True when both have looked once, so that what is in use now counts as "before load".
  bool wait_for_first_look(std::chrono::milliseconds patience);

  // [any] The process to look at from now on; 0: none.
  void worker_is(std::uint32_t pid) noexcept;

  // [any] All samples since the last call.
  stats::TelemetrySamples take();

  // [any] Of each device that NVML knows; empty until it was asked.
  std::vector<Facts> device_facts() const;

  std::uint64_t cpu_ns() const;  // that the threads took so far
 private:
  struct Findings;
  std::shared_ptr<Findings> findings_;  // the threads share it, and keep it when given up
  PeriodicThread host_;
  PeriodicThread devices_;
};

}  // namespace lmbench::telemetry
