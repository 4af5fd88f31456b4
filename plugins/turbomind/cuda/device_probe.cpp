// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/device_probe.hpp"

#include <cstring>

#include "turbomind/cuda/cuda_check.hpp"

namespace turbomind::cuda {
namespace {

constexpr int kLeastMajor = 8;  // compute capability: mma.m16n8k16 and cp.async

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string why_none(cudaError_t error) {
  int driver = 0;
  int runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  if (driver == 0) return "this machine has no NVIDIA driver (libcuda.so.1)";
  if (error == cudaErrorInsufficientDriver) {
    return "the NVIDIA driver knows CUDA " + version_text(driver) + ", older than the " +
           version_text(runtime) + " that this build needs";
  }
  if (error == cudaErrorNoDevice) {
    return "the driver sees no GPU (is CUDA_VISIBLE_DEVICES empty?)";
  }
  return error_text(error, "cudaGetDeviceCount");
}

// Empty: usable.
std::string why_not(int device) {
  int major = 0;
  const cudaError_t error =
      cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  if (error != cudaSuccess) return error_text(error, "cudaDeviceGetAttribute");
  if (major >= kLeastMajor) return {};
  return "device " + std::to_string(device) + " has compute capability " + std::to_string(major) +
         ".x, and the kernels need 8.0";
}

cudaDeviceProp properties_of(std::uint32_t device) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, static_cast<int>(device)), "cudaGetDeviceProperties");
  return properties;
}

}  // namespace

DeviceProbe probe_devices() noexcept {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess || count == 0) {
    cudaGetLastError();  // it is told; the next call shall not report it again
    return {0, why_none(error == cudaSuccess ? cudaErrorNoDevice : error)};
  }
  DeviceProbe probe;
  for (int device = 0; device < count; ++device) {
    probe.why_not = why_not(device);
    if (!probe.why_not.empty()) return probe;
    ++probe.count;
  }
  return probe;
}

std::string name_of_device(std::uint32_t device) { return properties_of(device).name; }

DeviceUuid uuid_of_device(std::uint32_t device) {
  const cudaDeviceProp properties = properties_of(device);
  DeviceUuid uuid;
  static_assert(sizeof uuid == sizeof properties.uuid);
  std::memcpy(uuid.data(), &properties.uuid, sizeof uuid);
  return uuid;
}

}  // namespace turbomind::cuda
