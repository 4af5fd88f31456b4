// Matrix products of more rows than the skinny kernel takes, by cuBLASLt: y = x W^T with W as
// [features][inputs], sums in fp32. For each product and range of rows the fastest of the library's
// own proposals is found once, by timing them; a call after that allocates nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/product_description.hpp"

namespace turbomind::cuda {

struct ProductShape {
  std::uint32_t rows;
  std::uint32_t inputs;
  std::uint32_t features;
};

// residual = residual * keeps_residual + x W^T + bias.
struct ResidualTarget {
  void* residual;    // [rows][features]
  const void* bias;  // [features], or null
  bool keeps_residual;
  void* scratch;  // [rows][features], written while algorithms are timed: the residual must not be
                  // added to more than once
};

class LargeProducts {
 public:
  // The stream is used for timing. Throws Error: unsupported without the library.
  LargeProducts(DataType type, Stream stream);
  ~LargeProducts();
  LargeProducts(const LargeProducts&) = delete;
  LargeProducts& operator=(const LargeProducts&) = delete;

  // y in the model's type: [rows][features].
  void store(const ProductShape& shape, const ProductOperands& operands, void* y);

  void add(const ProductShape& shape, const ProductOperands& operands,
           const ResidualTarget& target);

  // y in fp32.
  void logits(const ProductShape& shape, const ProductOperands& operands, float* y);

  std::size_t bytes() const noexcept { return workspace_.size(); }
 private:
  struct Call {
    Product product;
    std::uint32_t rows;
    ProductOperands operands;
    const void* bias;
    float beta;
    void* y;
    void* scratch;  // what timing may write
  };

  // A product over a range of rows that one algorithm serves.
  struct TunedShape {
    Product product;
    std::uint32_t first_row_count;
    std::uint32_t last_row_count;

    auto operator<=>(const TunedShape&) const = default;
  };

  void run(const Call& call);
  ProductDescription& prepared(const Call& call);
  const ProductAlgorithm& algorithm_for(const Call& call, const ProductDescription& description);
  const ProductAlgorithm& tune(const TunedShape& shape, const Call& call,
                               const ProductDescription& description);
  ProductAlgorithm fastest(const Call& call, const ProductDescription& description) const;
  ProductContext context() const noexcept;

  DataType type_;
  Stream stream_;
  cublasLtHandle_t handle_ = nullptr;
  DeviceMemory workspace_;
  std::map<Product, ProductDescription> descriptions_;
  std::map<TunedShape, ProductAlgorithm> algorithms_;
};

}  // namespace turbomind::cuda
