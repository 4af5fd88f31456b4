// Owners of memory that CUDA gives: on the device, and on the host where the device can reach it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

// Of the current device; aligned to 256 bytes at least.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  // Throws Error(out_of_memory) that names `purpose`, the size and what is free.
  DeviceMemory(std::size_t bytes, const std::string& purpose);
  ~DeviceMemory();
  DeviceMemory(DeviceMemory&& other) noexcept;
  DeviceMemory& operator=(DeviceMemory&& other) noexcept;

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Page-locked memory of the host. Mapped: kernels may write it through device_data().
class PinnedMemory {
 public:
  PinnedMemory() = default;
  PinnedMemory(std::size_t bytes, const std::string& purpose);
  ~PinnedMemory();
  PinnedMemory(PinnedMemory&& other) noexcept;
  PinnedMemory& operator=(PinnedMemory&& other) noexcept;

  std::byte* data() const noexcept { return data_; }
  std::byte* device_data() const;
 private:
  std::byte* data_ = nullptr;
};

// Queues the copy of `bytes` bytes.
void copy_to_device(void* target, const void* source, std::size_t bytes, Stream stream);

// An array that the host fills and the device reads after upload(). The host may fill it again only
// when the stream has passed the copy.
template <class T>
class StagedArray {
 public:
  StagedArray(std::size_t capacity, const std::string& purpose)
      : capacity_(capacity),
        host_(capacity * sizeof(T), purpose),
        device_(capacity * sizeof(T), purpose) {}

  std::span<T> host() const noexcept { return {reinterpret_cast<T*>(host_.data()), capacity_}; }
  T* device() const noexcept { return reinterpret_cast<T*>(device_.data()); }
  std::size_t device_bytes() const noexcept { return device_.size(); }

  // The first `count` elements.
  void upload(std::size_t count, Stream stream) {
    if (count > 0) copy_to_device(device_.data(), host_.data(), count * sizeof(T), stream);
  }
 private:
  std::size_t capacity_;
  PinnedMemory host_;
  DeviceMemory device_;
};

}  // namespace turbomind::cuda
