// What the kernel says about one process, from its folder in /proc. A process that is gone, or not
// ours to look at, has empty values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace lmbench::telemetry {

struct ProcessCounters {
  std::optional<std::uint64_t> cpu_ns;  // user and system, of all threads
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint32_t> group;  // process group
};

struct ContextSwitches {
  std::uint64_t voluntary = 0;  // it waited
  std::uint64_t involuntary = 0;
};

// root: "/" but for tests.
ProcessCounters process_counters(const std::filesystem::path& root, std::uint32_t pid);

// Its share of pages that it shares with others counted only. The kernel walks all its pages.
std::optional<std::uint64_t> proportional_bytes(const std::filesystem::path& root,
                                                std::uint32_t pid);

// The sum over the threads it has now; one file each.
std::optional<ContextSwitches> context_switches(const std::filesystem::path& root,
                                                std::uint32_t pid);

// Whether it has one of the device files of NVIDIA's driver open, as every CUDA process does.
bool has_gpu_open(const std::filesystem::path& root, std::uint32_t pid);

}  // namespace lmbench::telemetry
