// A product of the model as cuBLASLt knows it: descriptions that are made once and serve every number
// of rows and every bias, which are attributes of theirs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cublasLt.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "turbomind/cuda/cublas_lt_library.hpp"
#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

using ProductAlgorithm = cublasLtMatmulAlgo_t;

enum class ProductKind { store, add, logits };

// Whatever the number of rows: a model has five of these, or a few more with biases.
struct Product {
  ProductKind kind;
  std::uint32_t inputs;
  std::uint32_t features;
  bool has_bias;

  auto operator<=>(const Product&) const = default;
};

// A product over a range of rows that one algorithm serves.
struct TunedShape {
  Product product;
  std::uint32_t first_row_count;
  std::uint32_t last_row_count;

  auto operator<=>(const TunedShape&) const = default;
};

struct ProductOperands {
  const void* x;        // [rows][inputs]
  const void* weights;  // [features][inputs]
};

// What all products share.
struct ProductContext {
  cublasLtHandle_t handle;
  void* workspace;
  std::size_t workspace_bytes;
  Stream stream;
};

// Throws Error(device_error).
void check(cublasStatus_t status, const char* function);

// An object of cuBLASLt that is created and destroyed by functions of the library.
template <class Object>
class CublasLtObject {
 public:
  CublasLtObject() = default;
  CublasLtObject(const CublasLtObject&) = delete;
  CublasLtObject& operator=(const CublasLtObject&) = delete;
  ~CublasLtObject() {
    if (object_ != nullptr) destroy_(object_);
  }

  template <class Destroy>
  Object* target(Destroy destroy) {
    destroy_ = destroy;
    return &object_;
  }
  Object get() const noexcept { return object_; }
 private:
  Object object_ = nullptr;
  cublasStatus_t (*destroy_)(Object) = nullptr;
};

class ProductDescription {
 public:
  ProductDescription(DataType type, const Product& product);

  // Before anything else, for each call. The bias is null where the product has none. Allocates
  // nothing.
  void prepare(std::uint32_t rows, const void* bias);

  // Proposals of the library, best guess first.
  std::vector<ProductAlgorithm> proposals(const ProductContext& context) const;

  // Whether the library says that the algorithm serves this, with the workspace that there is.
  bool can_run(const ProductContext& context, const ProductAlgorithm& algorithm) const;

  // y = beta * y + x W^T + bias.
  cublasStatus_t run(const ProductContext& context, const ProductOperands& operands, float beta,
                     void* y, const ProductAlgorithm& algorithm) const;
 private:
  template <class Value>
  void set(cublasLtMatmulDescAttributes_t attribute, const Value& value);

  const CublasLtLibrary& library_;
  CublasLtObject<cublasLtMatmulDesc_t> matmul_;
  CublasLtObject<cublasLtMatrixLayout_t> weights_;
  CublasLtObject<cublasLtMatrixLayout_t> x_;
  CublasLtObject<cublasLtMatrixLayout_t> y_;
  std::uint32_t rows_ = 1;
  const void* bias_ = nullptr;
};

}  // namespace turbomind::cuda
