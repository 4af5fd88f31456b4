// Matrix products of more rows than the skinny kernel takes, by cuBLASLt: y = x W^T with W as
// [features][inputs], sums in fp32. For each product and range of rows the fastest of the library's
// own proposals is found once, by timing them, unless a cache knows it; a call after that allocates
// nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "turbomind/cuda/device_memory.hpp"
#include "turbomind/cuda/product_description.hpp"
#include "turbomind/cuda/tuning_cache.hpp"

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

// The algorithm that is chosen for one number of rows serves its neighbours: products of the same class.
constexpr std::uint32_t kRowsAlike = 128;
constexpr std::uint32_t row_class(std::uint32_t rows) {
  return (rows + kRowsAlike - 1) / kRowsAlike;
}

constexpr std::size_t kLargeProductBytes = std::size_t{64} << 20U;  // workspace of cuBLASLt

class LargeProducts {
 public:
  // The stream is used for timing. The cache may be null. Throws Error: unsupported without the library.
  LargeProducts(DataType type, Stream stream, std::unique_ptr<TuningCache> cache = nullptr);
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

  // [any] Choices made by timing.
  std::uint64_t tuned_products() const noexcept { return tuned_products_; }

  // [any] Those of them that the cache's file lacks; without a cache, none.
  std::uint64_t unsaved_products() const noexcept;
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

  void write(ProductKind kind, const ProductShape& shape, const ProductOperands& operands, void* y);
  void run(const Call& call);
  ProductDescription& prepared(const Call& call);
  const ProductAlgorithm& algorithm_for(const Call& call, const ProductDescription& description);
  const ProductAlgorithm& choose(const TunedShape& shape, const Call& call,
                                 const ProductDescription& description);
  ProductAlgorithm tuned(const TunedShape& shape, const Call& call,
                         const ProductDescription& description);
  ProductAlgorithm fastest(const Call& call, const ProductDescription& description) const;
  ProductContext context() const noexcept;

  DataType type_;
  Stream stream_;
  cublasLtHandle_t handle_ = nullptr;
  DeviceMemory workspace_;
  std::unique_ptr<TuningCache> cache_;
  std::map<Product, ProductDescription> descriptions_;
  std::map<TunedShape, ProductAlgorithm> algorithms_;
  std::atomic<std::uint64_t> tuned_products_{0};
};

}  // namespace turbomind::cuda
