// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/large_product.hpp"

#include <array>
#include <lmbench/plugin.hpp>
#include <string>
#include <utility>

#include "turbomind/cuda/cublas_lt_library.hpp"
#include "turbomind/cuda/timed_range.hpp"

namespace turbomind::cuda {
namespace {

constexpr int kMostProposals = 16;
constexpr int kTimedRuns = 3;
constexpr std::uint32_t kRowsAlike =
    128;  // the choice for one number of rows serves its neighbours

// An object of cuBLASLt that is created and destroyed by functions of the library.
template <class Object>
class Handle {
 public:
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
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

cudaDataType_t data_type_of(DataType type) {
  return type == DataType::bf16 ? CUDA_R_16BF : CUDA_R_16F;
}

}  // namespace

// The library thinks in columns: our row-major y [rows][features] is its features x rows, made of
// W (inputs x features, transposed) and x (inputs x rows).
class LargeProducts::Description {
 public:
  Description(const LargeProducts& owner, const Call& call) : library_(cublas_lt_library()) {
    const auto ok = [&](cublasStatus_t status, const char* function) {
      owner.check(status, function);
    };
    const cudaDataType_t half = data_type_of(owner.type_);
    const cudaDataType_t out = call.kind == Kind::logits ? CUDA_R_32F : half;
    ok(library_.desc_create(matmul_.target(library_.desc_destroy), CUBLAS_COMPUTE_32F, CUDA_R_32F),
       "cublasLtMatmulDescCreate");
    const cublasOperation_t transposed = CUBLAS_OP_T;
    set(ok, CUBLASLT_MATMUL_DESC_TRANSA, transposed);
    if (call.bias != nullptr) {
      const cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_BIAS;
      set(ok, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
      set(ok, CUBLASLT_MATMUL_DESC_BIAS_POINTER, call.bias);
    }
    const auto layout = [&](Handle<cublasLtMatrixLayout_t>& target, cudaDataType_t type,
                            std::uint32_t rows, std::uint32_t columns) {
      ok(library_.layout_create(target.target(library_.layout_destroy), type, rows, columns, rows),
         "cublasLtMatrixLayoutCreate");
    };
    layout(weights_, half, call.shape.inputs, call.shape.features);
    layout(x_, half, call.shape.inputs, call.shape.rows);
    layout(y_, out, call.shape.features, call.shape.rows);
  }

  // Proposals of the library, best guess first.
  std::pair<std::array<cublasLtMatmulHeuristicResult_t, kMostProposals>, int> proposals(
      const LargeProducts& owner) const {
    Handle<cublasLtMatmulPreference_t> preference;
    owner.check(library_.preference_create(preference.target(library_.preference_destroy)),
                "cublasLtMatmulPreferenceCreate");
    const std::size_t workspace = owner.workspace_.size();
    owner.check(library_.preference_set(preference.get(), CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                        &workspace, sizeof workspace),
                "cublasLtMatmulPreferenceSetAttribute");
    // Sums that meet in the 16-bit type of the output would be rounded on the way.
    const std::uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
    owner.check(
        library_.preference_set(preference.get(), CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                                &schemes, sizeof schemes),
        "cublasLtMatmulPreferenceSetAttribute");
    std::array<cublasLtMatmulHeuristicResult_t, kMostProposals> results{};
    int count = 0;
    owner.check(
        library_.get_heuristic(owner.handle_, matmul_.get(), weights_.get(), x_.get(), y_.get(),
                               y_.get(), preference.get(), kMostProposals, results.data(), &count),
        "cublasLtMatmulAlgoGetHeuristic");
    return {results, count};
  }

  cublasStatus_t run(const LargeProducts& owner, const ProductOperands& operands, float beta,
                     void* y, const cublasLtMatmulAlgo_t& algorithm) const {
    const float one = 1.0F;
    return library_.matmul(owner.handle_, matmul_.get(), &one, operands.weights, weights_.get(),
                           operands.x, x_.get(), &beta, y, y_.get(), y, y_.get(), &algorithm,
                           owner.workspace_.data(), owner.workspace_.size(), owner.stream_);
  }
 private:
  template <class Ok, class Value>
  void set(Ok& ok, cublasLtMatmulDescAttributes_t attribute, const Value& value) {
    ok(library_.desc_set(matmul_.get(), attribute, &value, sizeof value),
       "cublasLtMatmulDescSetAttribute");
  }

  const CublasLtLibrary& library_;
  Handle<cublasLtMatmulDesc_t> matmul_;
  Handle<cublasLtMatrixLayout_t> weights_;
  Handle<cublasLtMatrixLayout_t> x_;
  Handle<cublasLtMatrixLayout_t> y_;
};

LargeProducts::LargeProducts(DataType type, Stream stream)
    : type_(type), stream_(stream), workspace_(kLargeProductBytes, "the workspace of cuBLASLt") {
  check(cublas_lt_library().create(&handle_), "cublasLtCreate");
}

LargeProducts::~LargeProducts() { cublas_lt_library().destroy(handle_); }

void LargeProducts::store(const ProductShape& shape, const ProductOperands& operands, void* y) {
  run({.kind = Kind::store, .shape = shape, .bias = nullptr, .beta = 0.0F}, operands, y);
}

void LargeProducts::add(const ProductShape& shape, const ProductOperands& operands, void* residual,
                        const void* bias, bool keeps_residual) {
  run({.kind = Kind::add, .shape = shape, .bias = bias, .beta = keeps_residual ? 1.0F : 0.0F},
      operands, residual);
}

void LargeProducts::logits(const ProductShape& shape, const ProductOperands& operands, float* y) {
  run({.kind = Kind::logits, .shape = shape, .bias = nullptr, .beta = 0.0F}, operands, y);
}

void LargeProducts::run(const Call& call, const ProductOperands& operands, void* y) {
  const Description description(*this, call);
  const cublasLtMatmulAlgo_t& algorithm = algorithm_for(call, description, operands);
  cublasStatus_t status = description.run(*this, operands, call.beta, y, algorithm);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) {
    // What serves a neighbour need not serve this number of rows.
    const auto [proposals, count] = description.proposals(*this);
    if (count > 0) status = description.run(*this, operands, call.beta, y, proposals[0].algo);
  }
  check(status, "cublasLtMatmul");
}

const cublasLtMatmulAlgo_t& LargeProducts::algorithm_for(const Call& call,
                                                         const Description& description,
                                                         const ProductOperands& operands) {
  const Key key{call.kind, call.shape.features, call.shape.inputs,
                (call.shape.rows + kRowsAlike - 1) / kRowsAlike, call.bias != nullptr};
  const auto known = algorithms_.find(key);
  if (known != algorithms_.end()) return known->second;
  const auto [proposals, count] = description.proposals(*this);
  // The result goes elsewhere, as the residual must not be added to more than once.
  const DeviceMemory scratch(std::size_t{call.shape.rows} * call.shape.features * sizeof(float),
                             "timing cuBLASLt");
  const cublasLtMatmulAlgo_t* best = nullptr;
  float best_ms = 0;
  for (int i = 0; i < count; ++i) {
    const cublasLtMatmulAlgo_t& algorithm = proposals[static_cast<std::size_t>(i)].algo;
    const auto once = [&] {
      return description.run(*this, operands, 0.0F, scratch.data(), algorithm);
    };
    if (once() != CUBLAS_STATUS_SUCCESS) continue;
    TimedRange range(stream_);
    for (int n = 0; n < kTimedRuns; ++n) check(once(), "cublasLtMatmul");
    const float ms = range.milliseconds();
    if (best != nullptr && ms >= best_ms) continue;
    best = &algorithm;
    best_ms = ms;
  }
  if (best == nullptr) check(CUBLAS_STATUS_NOT_SUPPORTED, "cublasLtMatmulAlgoGetHeuristic");
  return algorithms_.emplace(key, *best).first->second;
}

void LargeProducts::check(cublasStatus_t status, const char* function) const {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw lmbench::sdk::Error(
      lmbench::Code::device_error,
      std::string(function) + ": " + cublas_lt_library().get_status_string(status));
}

}  // namespace turbomind::cuda
