// Instances and launchers of the skinny product.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/plugin.hpp>
#include <string>

#include "turbomind/cuda/kernels/skinny_epilogue.hpp"
#include "turbomind/cuda/kernels/skinny_gemm.hpp"
#include "turbomind/cuda/kernels/skinny_loop.hpp"
#include "turbomind/cuda/kernels/with_type.hpp"

namespace turbomind::cuda {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

template <class T, int kBlocks, int kTiles, int kAhead, class Epilogue>
__global__ void __launch_bounds__(kSkinnyThreads)
    skinny_kernel(const T* weights, const T* x, std::uint32_t rows, std::uint32_t inputs,
                  Epilogue epilogue) {
  simt::pdl_trigger();
  const std::uint32_t first_feature = blockIdx.x * kBlocks * kTileFeatures;
  SkinnySums<kBlocks, kTiles> sums;
  skinny_loop<T, kBlocks, kTiles, kAhead>(weights + std::size_t{first_feature} * inputs, x, rows,
                                          inputs, sums);
  skinny_meeting(sums, rows, first_feature, epilogue);
}

template <class T, int kBlocks, int kTiles, int kAhead, class Epilogue>
void launch_with(const SkinnyProduct& product, const Epilogue& epilogue, Queue queue) {
  simt::launch({.grid = dim3(product.features / (kBlocks * kTileFeatures)),
                .block = dim3(kSkinnyThreads),
                .stream = queue.stream,
                .is_dependent = queue.is_dependent},
               skinny_kernel<T, kBlocks, kTiles, kAhead, Epilogue>,
               static_cast<const T*>(product.weights), static_cast<const T*>(product.x),
               product.rows, product.inputs, epilogue);
}

// Few rows: one feature tile per block and many steps ahead. Many rows: two feature tiles share each
// load of activations.
template <class T, class Epilogue>
void launch_for(const SkinnyProduct& product, const Epilogue& epilogue, Queue queue) {
  if (product.rows <= 8) return launch_with<T, 1, 1, 4>(product, epilogue, queue);
  if (product.rows <= 16) return launch_with<T, 1, 2, 4>(product, epilogue, queue);
  if (product.rows <= 32) return launch_with<T, 2, 4, 2>(product, epilogue, queue);
  launch_with<T, 2, 8, 2>(product, epilogue, queue);
}

void check(const SkinnyProduct& product) {
  const bool holds = product.rows >= 1 && product.rows <= kSkinnyMaxRows && product.inputs > 0 &&
                     product.inputs % kSkinnyInputs == 0 && product.features > 0 &&
                     product.features % kSkinnyFeatures == 0;
  if (holds) return;
  throw Error(Code::internal, "a skinny product of " + std::to_string(product.rows) + " rows, " +
                                  std::to_string(product.inputs) + " inputs and " +
                                  std::to_string(product.features) + " features");
}

}  // namespace

void skinny_logits(const SkinnyProduct& product, float* y, Queue queue) {
  check(product);
  with_type(product.type, [&]<class T>() {
    launch_for<T>(product, LogitsEpilogue{y, product.features}, queue);
  });
}

void skinny_add(const SkinnyProduct& product, const AddToResidual& target, Queue queue) {
  check(product);
  with_type(product.type, [&]<class T>() {
    launch_for<T>(
        product,
        AddEpilogue<T>{static_cast<T*>(target.residual), static_cast<const T*>(target.bias),
                       product.features, target.keeps_residual},
        queue);
  });
}

void skinny_swiglu(const SkinnyProduct& product, void* y, Queue queue) {
  check(product);
  with_type(product.type, [&]<class T>() {
    launch_for<T>(product, SwiGluEpilogue<T>{static_cast<T*>(y), product.features / 2}, queue);
  });
}

void skinny_qkv(const SkinnyProduct& product, const QkvTarget& target, Queue queue) {
  check(product);
  with_type(product.type, [&]<class T>() {
    launch_for<T>(product,
                  QkvEpilogue<T>{.query = static_cast<T*>(target.query),
                                 .query_stride = target.heads * target.kv.head_dim,
                                 .bias = static_cast<const T*>(target.bias),
                                 .kv = target.kv,
                                 .layer = target.layer,
                                 .heads = target.heads,
                                 .max_pages = target.slots->max_pages,
                                 .pages = target.slots->pages,
                                 .slot = target.rows->slot,
                                 .position = target.rows->position,
                                 .cos_sin = target.rope.cos_sin},
                  queue);
  });
}

}  // namespace turbomind::cuda
