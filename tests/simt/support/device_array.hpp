// An array in device memory for tests: of the shim, where a test runs on the CPU, or of a GPU, where
// the same test is linked with the kernels that nvcc made (LMBENCH_TEST_ON_GPU).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#ifdef LMBENCH_TEST_ON_GPU
#include <cuda_runtime_api.h>
#else
#include "simt_host.hpp"
#endif

namespace lmbench::test {

#ifdef LMBENCH_TEST_ON_GPU
inline void expect_ok(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}
#endif

template <class T>
class DeviceArray {
 public:
  // Filled with 0xFF: NaN in every floating type.
  explicit DeviceArray(std::size_t size) : size_(size) {
    const std::vector<std::byte> poison(bytes(), std::byte{0xFF});
#ifdef LMBENCH_TEST_ON_GPU
    expect_ok(cudaMalloc(reinterpret_cast<void**>(&data_), bytes()));
    expect_ok(cudaMemcpy(data_, poison.data(), bytes(), cudaMemcpyHostToDevice));
#else
    data_ = static_cast<T*>(simt::device_alloc(bytes()));
    std::memcpy(static_cast<void*>(data_), poison.data(), bytes());
#endif
  }

  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    assign(values);
  }

  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  ~DeviceArray() {
#ifdef LMBENCH_TEST_ON_GPU
    cudaFree(data_);
#else
    simt::device_free(data_);
#endif
  }

  void assign(const std::vector<T>& values) {
    if (values.size() != size_) throw std::logic_error("an array of another size");
#ifdef LMBENCH_TEST_ON_GPU
    expect_ok(cudaMemcpy(data_, values.data(), bytes(), cudaMemcpyHostToDevice));
#else
    std::memcpy(static_cast<void*>(data_), values.data(), bytes());
    simt::device_wrote(data_, bytes());
#endif
  }

  T* get() { return data_; }
  const T* get() const { return data_; }
  std::size_t size() const { return size_; }

  // Waits for what was queued.
  std::vector<T> host() const {
    std::vector<T> values(size_);
#ifdef LMBENCH_TEST_ON_GPU
    expect_ok(cudaMemcpy(values.data(), data_, bytes(), cudaMemcpyDeviceToHost));
#else
    std::memcpy(static_cast<void*>(values.data()), data_, bytes());
#endif
    return values;
  }
 private:
  std::size_t bytes() const { return size_ * sizeof(T); }

  T* data_ = nullptr;
  std::size_t size_;
};

}  // namespace lmbench::test
