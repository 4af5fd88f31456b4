// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/device_memory.hpp"

#include <utility>

#include "turbomind/cuda/cuda_check.hpp"

namespace turbomind::cuda {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

std::string mebibytes(std::size_t bytes) { return std::to_string((bytes >> 20U) + 1) + " MiB"; }

[[noreturn]] void refuse(cudaError_t error, const char* function, std::size_t bytes,
                         const std::string& purpose) {
  if (error != cudaErrorMemoryAllocation) {
    throw Error(Code::device_error, error_text(error, function) + " (" + purpose + ")");
  }
  cudaGetLastError();  // it is told; the next call shall not report it again
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  cudaMemGetInfo(&free_bytes, &total_bytes);
  throw Error(Code::out_of_memory, mebibytes(bytes) + " for " + purpose +
                                       " do not fit into the memory of the GPU, of which " +
                                       mebibytes(free_bytes) + " are free");
}

}  // namespace

DeviceMemory::DeviceMemory(std::size_t bytes, const std::string& purpose) : size_(bytes) {
  if (bytes == 0) return;
  void* data = nullptr;
  const cudaError_t error = cudaMalloc(&data, bytes);
  if (error != cudaSuccess) refuse(error, "cudaMalloc", bytes, purpose);
  data_ = static_cast<std::byte*>(data);
}

DeviceMemory::~DeviceMemory() {
  if (data_ != nullptr) cudaFree(data_);
}

DeviceMemory::DeviceMemory(DeviceMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

DeviceMemory& DeviceMemory::operator=(DeviceMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

PinnedMemory::PinnedMemory(std::size_t bytes, const std::string& purpose) {
  if (bytes == 0) return;
  void* data = nullptr;
  const cudaError_t error = cudaHostAlloc(&data, bytes, cudaHostAllocMapped);
  if (error != cudaSuccess) refuse(error, "cudaHostAlloc", bytes, purpose);
  data_ = static_cast<std::byte*>(data);
}

PinnedMemory::~PinnedMemory() {
  if (data_ != nullptr) cudaFreeHost(data_);
}

PinnedMemory::PinnedMemory(PinnedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)) {}

PinnedMemory& PinnedMemory::operator=(PinnedMemory&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

std::byte* PinnedMemory::device_data() const {
  void* data = nullptr;
  check(cudaHostGetDevicePointer(&data, data_, 0), "cudaHostGetDevicePointer");
  return static_cast<std::byte*>(data);
}

void copy_to_device(void* target, const void* source, std::size_t bytes, Stream stream) {
  check(cudaMemcpyAsync(target, source, bytes, cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync");
}

}  // namespace turbomind::cuda
