// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/product_description.hpp"

#include <array>
#include <lmbench/plugin.hpp>
#include <string>

namespace turbomind::cuda {
namespace {

constexpr int kMostProposals = 16;

cudaDataType_t data_type_of(DataType type) {
  return type == DataType::bf16 ? CUDA_R_16BF : CUDA_R_16F;
}

}  // namespace

void check(cublasStatus_t status, const char* function) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw lmbench::sdk::Error(
      lmbench::Code::device_error,
      std::string(function) + ": " + cublas_lt_library().get_status_string(status));
}

// The library thinks in columns: our row-major y [rows][features] is its features x rows, made of
// W (inputs x features, transposed) and x (inputs x rows).
ProductDescription::ProductDescription(DataType type, const Product& product)
    : library_(cublas_lt_library()) {
  const cudaDataType_t half = data_type_of(type);
  const cudaDataType_t out = product.kind == ProductKind::logits ? CUDA_R_32F : half;
  check(library_.desc_create(matmul_.target(library_.desc_destroy), CUBLAS_COMPUTE_32F, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
  const cublasOperation_t transposed = CUBLAS_OP_T;
  set(CUBLASLT_MATMUL_DESC_TRANSA, transposed);
  if (product.has_bias) {
    const cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_BIAS;
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
  }
  const auto layout = [&](CublasLtObject<cublasLtMatrixLayout_t>& target, cudaDataType_t of,
                          std::uint32_t rows, std::uint32_t columns) {
    check(library_.layout_create(target.target(library_.layout_destroy), of, rows, columns, rows),
          "cublasLtMatrixLayoutCreate");
  };
  layout(weights_, half, product.inputs, product.features);
  layout(x_, half, product.inputs, rows_);
  layout(y_, out, product.features, rows_);
}

void ProductDescription::prepare(std::uint32_t rows, const void* bias) {
  if (rows != rows_) {
    const std::uint64_t columns = rows;
    for (const auto* layout : {&x_, &y_}) {
      check(
          library_.layout_set(layout->get(), CUBLASLT_MATRIX_LAYOUT_COLS, &columns, sizeof columns),
          "cublasLtMatrixLayoutSetAttribute");
    }
    rows_ = rows;
  }
  if (bias != bias_) {
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    bias_ = bias;
  }
}

std::vector<ProductAlgorithm> ProductDescription::proposals(const ProductContext& context) const {
  CublasLtObject<cublasLtMatmulPreference_t> preference;
  check(library_.preference_create(preference.target(library_.preference_destroy)),
        "cublasLtMatmulPreferenceCreate");
  check(library_.preference_set(preference.get(), CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                &context.workspace_bytes, sizeof context.workspace_bytes),
        "cublasLtMatmulPreferenceSetAttribute");
  // Sums that meet in the 16-bit type of the output would be rounded on the way.
  const std::uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
  check(library_.preference_set(preference.get(), CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                                &schemes, sizeof schemes),
        "cublasLtMatmulPreferenceSetAttribute");
  std::array<cublasLtMatmulHeuristicResult_t, kMostProposals> results{};
  int count = 0;
  check(library_.get_heuristic(context.handle, matmul_.get(), weights_.get(), x_.get(), y_.get(),
                               y_.get(), preference.get(), kMostProposals, results.data(), &count),
        "cublasLtMatmulAlgoGetHeuristic");
  std::vector<ProductAlgorithm> algorithms;
  for (int i = 0; i < count; ++i) algorithms.push_back(results[static_cast<std::size_t>(i)].algo);
  return algorithms;
}

bool ProductDescription::can_run(const ProductContext& context,
                                 const ProductAlgorithm& algorithm) const {
  cublasLtMatmulHeuristicResult_t needs{};
  return library_.algo_check(context.handle, matmul_.get(), weights_.get(), x_.get(), y_.get(),
                             y_.get(), &algorithm, &needs) == CUBLAS_STATUS_SUCCESS &&
         needs.workspaceSize <= context.workspace_bytes;
}

cublasStatus_t ProductDescription::run(const ProductContext& context,
                                       const ProductOperands& operands, float beta, void* y,
                                       const ProductAlgorithm& algorithm) const {
  const float one = 1.0F;
  return library_.matmul(context.handle, matmul_.get(), &one, operands.weights, weights_.get(),
                         operands.x, x_.get(), &beta, y, y_.get(), y, y_.get(), &algorithm,
                         context.workspace, context.workspace_bytes, context.stream);
}

template <class Value>
void ProductDescription::set(cublasLtMatmulDescAttributes_t attribute, const Value& value) {
  check(library_.desc_set(matmul_.get(), attribute, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
}

}  // namespace turbomind::cuda
