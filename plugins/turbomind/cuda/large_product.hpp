// Matrix products of more rows than the skinny kernel takes, by cuBLASLt: y = x W^T with W as
// [features][inputs], sums in fp32. For each shape the fastest of the library's own proposals is
// found once, by timing them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cublasLt.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

struct ProductShape {
  std::uint32_t rows;
  std::uint32_t inputs;
  std::uint32_t features;
};

struct ProductOperands {
  const void* x;        // [rows][inputs]
  const void* weights;  // [features][inputs]
};

constexpr std::size_t kLargeProductBytes = std::size_t{64} << 20U;  // workspace of cuBLASLt

class LargeProducts {
 public:
  // The stream is used for timing. Throws Error: unsupported without the library.
  LargeProducts(DataType type, Stream stream);
  ~LargeProducts();
  LargeProducts(const LargeProducts&) = delete;
  LargeProducts& operator=(const LargeProducts&) = delete;

  // y in the model's type: [rows][features].
  void store(const ProductShape& shape, const ProductOperands& operands, void* y);

  // residual = residual * keeps_residual + x W^T + bias; bias may be null.
  void add(const ProductShape& shape, const ProductOperands& operands, void* residual,
           const void* bias, bool keeps_residual);

  // y in fp32.
  void logits(const ProductShape& shape, const ProductOperands& operands, float* y);

  std::size_t bytes() const noexcept { return workspace_.size(); }
 private:
  enum class Kind { store, add, logits };
  struct Call {
    Kind kind;
    ProductShape shape;
    const void* bias;
    float beta;
  };
  class Description;

  void run(const Call& call, const ProductOperands& operands, void* y);
  const cublasLtMatmulAlgo_t& algorithm_for(const Call& call, const Description& description,
                                            const ProductOperands& operands);
  void check(cublasStatus_t status, const char* function) const;

  // Kind, features, inputs, rows, whether there is a bias.
  using Key = std::tuple<Kind, std::uint32_t, std::uint32_t, std::uint32_t, bool>;

  DataType type_;
  Stream stream_;
  cublasLtHandle_t handle_ = nullptr;
  DeviceMemory workspace_;
  std::map<Key, cublasLtMatmulAlgo_t> algorithms_;
};

}  // namespace turbomind::cuda
