// The part of NVML's C interface that is used here, as the public nvml.h has had it since CUDA 8
// and still has it: the library is opened at run time, so nothing of it is needed to build.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lmbench::telemetry::nvml {

using Device = struct OpaqueDevice*;
using Return = int;

constexpr Return kSuccess = 0;
constexpr Return kInsufficientSize = 7;

constexpr unsigned kClockSm = 1;
constexpr unsigned kClockMemory = 2;
constexpr unsigned kTemperatureGpu = 0;

// What a driver writes where it knows nothing.
constexpr unsigned long long kNotAvailable = ~0ULL;

struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;  // with what the driver keeps for itself
};

struct MemoryV2 {
  unsigned version;
  unsigned long long total;
  unsigned long long reserved;  // by driver and firmware
  unsigned long long free;
  unsigned long long used;  // without reserved
};
constexpr unsigned kMemoryV2Version = sizeof(MemoryV2) | (2U << 24);

struct ProcessV1 {
  unsigned pid;
  unsigned long long used_bytes;
};

// Of the functions ending in _v2 and _v3.
struct ProcessV2 {
  unsigned pid;
  unsigned long long used_bytes;
  unsigned gpu_instance;
  unsigned compute_instance;
};

struct Utilisation {
  unsigned gpu;
  unsigned memory;
};

}  // namespace lmbench::telemetry::nvml
