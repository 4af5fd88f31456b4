// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/large_product.hpp"

#include <optional>
#include <utility>

#include "turbomind/cuda/timed_range.hpp"

namespace turbomind::cuda {
namespace {

constexpr int kTimedRuns = 3;

}  // namespace

LargeProducts::LargeProducts(DataType type, Stream stream, std::unique_ptr<TuningCache> cache)
    : type_(type),
      stream_(stream),
      workspace_(kLargeProductBytes, "the workspace of cuBLASLt"),
      cache_(std::move(cache)) {
  check(cublas_lt_library().create(&handle_), "cublasLtCreate");
}

LargeProducts::~LargeProducts() { cublas_lt_library().destroy(handle_); }

void LargeProducts::store(const ProductShape& shape, const ProductOperands& operands, void* y) {
  write(ProductKind::store, shape, operands, y);
}

void LargeProducts::add(const ProductShape& shape, const ProductOperands& operands,
                        const ResidualTarget& target) {
  run({.product = {ProductKind::add, shape.inputs, shape.features, target.bias != nullptr},
       .rows = shape.rows,
       .operands = operands,
       .bias = target.bias,
       .beta = target.keeps_residual ? 1.0F : 0.0F,
       .y = target.residual,
       .scratch = target.scratch});
}

void LargeProducts::logits(const ProductShape& shape, const ProductOperands& operands, float* y) {
  write(ProductKind::logits, shape, operands, y);
}

void LargeProducts::write(ProductKind kind, const ProductShape& shape,
                          const ProductOperands& operands, void* y) {
  run({.product = {kind, shape.inputs, shape.features, false},
       .rows = shape.rows,
       .operands = operands,
       .bias = nullptr,
       .beta = 0.0F,
       .y = y,
       .scratch = y});
}

void LargeProducts::run(const Call& call) {
  const ProductDescription& description = prepared(call);
  const auto run_by = [&](const ProductAlgorithm& algorithm) {
    return description.run(context(), call.operands, call.beta, call.y, algorithm);
  };
  cublasStatus_t status = run_by(algorithm_for(call, description));
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) {
    // What serves a neighbour need not serve this number of rows, which then gets its own choice.
    status = run_by(choose({call.product, call.rows, call.rows}, call, description));
  }
  check(status, "cublasLtMatmul");
}

ProductDescription& LargeProducts::prepared(const Call& call) {
  ProductDescription& description =
      descriptions_.try_emplace(call.product, type_, call.product).first->second;
  description.prepare(call.rows, call.bias);
  return description;
}

const ProductAlgorithm& LargeProducts::algorithm_for(const Call& call,
                                                     const ProductDescription& description) {
  const auto own = algorithms_.find({call.product, call.rows, call.rows});
  if (own != algorithms_.end()) return own->second;
  const std::uint32_t last = row_class(call.rows) * kRowsAlike;
  const TunedShape shape{call.product, last - kRowsAlike + 1, last};
  const auto known = algorithms_.find(shape);
  return known != algorithms_.end() ? known->second : choose(shape, call, description);
}

const ProductAlgorithm& LargeProducts::choose(const TunedShape& shape, const Call& call,
                                              const ProductDescription& description) {
  const ProductAlgorithm* const kept = cache_ == nullptr ? nullptr : cache_->find(shape);
  const bool is_kept = kept != nullptr && description.can_run(context(), *kept);
  return algorithms_.insert_or_assign(shape, is_kept ? *kept : tuned(shape, call, description))
      .first->second;
}

ProductAlgorithm LargeProducts::tuned(const TunedShape& shape, const Call& call,
                                      const ProductDescription& description) {
  const ProductAlgorithm best = fastest(call, description);
  ++tuned_products_;
  if (cache_ == nullptr) return best;
  return cache_->keep(shape, best, [&](const ProductAlgorithm& algorithm) {
    return description.can_run(context(), algorithm);
  });
}

ProductAlgorithm LargeProducts::fastest(const Call& call,
                                        const ProductDescription& description) const {
  std::optional<ProductAlgorithm> best;
  float best_ms = 0;
  for (const ProductAlgorithm& algorithm : description.proposals(context())) {
    const auto once = [&] {
      return description.run(context(), call.operands, call.beta, call.scratch, algorithm);
    };
    if (once() != CUBLAS_STATUS_SUCCESS) continue;
    TimedRange range(stream_);
    for (int n = 0; n < kTimedRuns; ++n) check(once(), "cublasLtMatmul");
    const float ms = range.milliseconds();
    if (best && ms >= best_ms) continue;
    best = algorithm;
    best_ms = ms;
  }
  if (!best) check(CUBLAS_STATUS_NOT_SUPPORTED, "cublasLtMatmulAlgoGetHeuristic");
  return *best;
}

std::uint64_t LargeProducts::unsaved_products() const noexcept {
  return cache_ == nullptr ? 0 : cache_->unsaved_choices();
}

ProductContext LargeProducts::context() const noexcept {
  return {handle_, workspace_.data(), workspace_.size(), stream_};
}

}  // namespace turbomind::cuda
