// Norm, SwiGLU, conversions and the rotary embedding, for any vector type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/cpu/kernels/arguments.hpp"
#include "turbomind/cpu/kernels/simd_scalar.hpp"

namespace turbomind { namespace {

// Calls body(vector type, index) for each full vector and then for each single element left.
template <class V, class Body>
void for_elements(std::size_t count, Body body) {
  std::size_t i = 0;
  for (; i + V::kWidth <= count; i += V::kWidth) body(V{}, i);
  for (; i < count; ++i) body(Scalar{}, i);
}

template <class V>
float sum_of_squares(const float* x, std::uint32_t count) {
  typename V::Float sums[4] = {V::zero(), V::zero(), V::zero(), V::zero()};
  std::uint32_t i = 0;
  for (; i + 4 * V::kWidth <= count; i += 4 * V::kWidth) {
    LMBENCH_UNROLL for (std::uint32_t u = 0; u < 4; ++u) {
      const typename V::Float v = V::load(x + i + u * V::kWidth);
      sums[u] = V::fma(v, v, sums[u]);
    }
  }
  float sum = V::reduce_add((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; i < count; ++i) sum += x[i] * x[i];
  return sum;
}

template <class V>
void rms_norm(const NormArguments& a) noexcept {
  for (std::uint32_t row = 0; row < a.rows; ++row) {
    const float* const x = a.x + row * a.x_stride;
    const float mean = sum_of_squares<V>(x, a.columns) / static_cast<float>(a.columns);
    const float factor = 1.0F / __builtin_sqrtf(mean + a.epsilon);
    const std::size_t target = row * a.y_stride;
    for_elements<V>(a.columns, [&]<class U>(U, std::size_t i) {
      const typename U::Float scaled = U::load(x + i) * U::set1(factor);
      store_as<U>(a.y_type, a.y, target + i, scaled * U::load(a.weight + i));
    });
  }
}

template <class V>
typename V::Float silu_times(typename V::Float gate, typename V::Float up) {
  const typename V::Float one = V::set1(1.0F);
  return gate / (one + exp_of<V>(V::zero() - gate)) * up;
}

template <class V>
void swiglu(const float* gate, const float* up, void* y, DataType y_type,
            std::size_t count) noexcept {
  for_elements<V>(count, [&]<class U>(U, std::size_t i) {
    store_as<U>(y_type, y, i, silu_times<U>(U::load(gate + i), U::load(up + i)));
  });
}

template <class V>
void widen(const void* source, DataType type, float* target, std::size_t count) noexcept {
  for_elements<V>(count, [&]<class U>(U, std::size_t i) {
    typename U::Float v = U::zero();
    if (type == DataType::fp32) v = load_as<U, DataType::fp32>(source, i);
    if (type == DataType::bf16) v = load_as<U, DataType::bf16>(source, i);
    if (type == DataType::fp16) v = load_as<U, DataType::fp16>(source, i);
    U::store(target + i, v);
  });
}

template <class V>
void narrow(const float* source, DataType type, void* target, std::size_t count) noexcept {
  for_elements<V>(
      count, [&]<class U>(U, std::size_t i) { store_as<U>(type, target, i, U::load(source + i)); });
}

// One head, in place.
template <class V>
void rotate_head(float* x, const float* rope_row, std::uint32_t head_dim) {
  std::uint32_t i = 0;
  for (; i + V::kWidth <= head_dim; i += V::kWidth) {
    V::store(x + i, V::rotate(V::load(x + i), V::load(rope_row + i)));
  }
  for (; i < head_dim; i += 2) {
    const float first = x[i];
    const float second = x[i + 1];
    x[i] = first * rope_row[i] - second * rope_row[i + 1];
    x[i + 1] = first * rope_row[i + 1] + second * rope_row[i];
  }
}

template <class V>
void rope_append(const RopeAppendArguments& a) noexcept {
  const KvLayer& cache = *a.cache;
  const std::uint32_t dim = cache.head_dim;
  for (std::uint32_t h = 0; h < a.heads + a.kv_heads; ++h) {
    rotate_head<V>(a.qkv + std::size_t{h} * dim, a.rope_row, dim);
  }
  const float* const keys = a.qkv + std::size_t{a.heads} * dim;
  const float* const values = keys + std::size_t{a.kv_heads} * dim;
  const std::size_t place = std::size_t{a.page_token} * dim * bytes_of(cache.type);
  for (std::uint32_t h = 0; h < a.kv_heads; ++h) {
    std::byte* const head = cache.data + a.page * cache.page_bytes + h * cache.head_bytes();
    narrow<V>(keys + std::size_t{h} * dim, cache.type, head + place, dim);
    narrow<V>(values + std::size_t{h} * dim, cache.type, head + cache.half_bytes() + place, dim);
  }
}

}}  // namespace turbomind
