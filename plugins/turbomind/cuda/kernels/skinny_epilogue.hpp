// What becomes of the sums of a skinny product. Device code: each is called with a row, a feature n
// whose partner n + 8 stands in the same tile of 16, and both sums.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/cuda/kernels/element.hpp"
#include "turbomind/cuda/kernels/page_layout.hpp"
#include "turbomind/cuda/kernels/simt.hpp"

namespace turbomind::cuda {

struct LogitsEpilogue {
  float* y;
  std::uint32_t features;

  __device__ void operator()(std::uint32_t row, std::uint32_t feature, float sum,
                             float partner) const {
    float* const target = y + std::size_t{row} * features + feature;
    target[0] = sum;
    target[8] = partner;
  }
};

template <class T>
struct AddEpilogue {
  T* residual;
  const T* bias;  // or null
  std::uint32_t features;
  bool keeps_residual;

  __device__ void operator()(std::uint32_t row, std::uint32_t feature, float sum,
                             float partner) const {
    add(row, feature, sum);
    add(row, feature + 8, partner);
  }

  __device__ void add(std::uint32_t row, std::uint32_t feature, float sum) const {
    T& target = residual[std::size_t{row} * features + feature];
    if (bias != nullptr) sum += to_float(bias[feature]);
    if (keeps_residual) sum += to_float(target);
    target = from_float<T>(sum);
  }
};

// exp overflows to infinity where gate is below -88: the quotient is then -0, as it should be.
__device__ __forceinline__ float silu(float gate) { return gate / (1.0F + __expf(-gate)); }

template <class T>
struct SwiGluEpilogue {
  T* y;
  std::uint32_t columns;

  __device__ void operator()(std::uint32_t row, std::uint32_t feature, float sum,
                             float partner) const {
    const std::uint32_t column = feature / 16 * 8 + feature % 8;
    y[std::size_t{row} * columns + column] = from_float<T>(silu(sum) * partner);
  }
};

template <class T>
struct QkvEpilogue {
  T* query;
  std::uint32_t query_stride;  // elements from row to row
  const T* bias;               // or null
  KvPages kv;
  std::uint32_t layer;
  std::uint32_t heads;
  std::uint32_t max_pages;
  const std::uint32_t* pages;  // Slots::pages
  const std::uint32_t* slot;   // Rows::slot
  const std::uint32_t* position;
  const float* cos_sin;

  __device__ void operator()(std::uint32_t row, std::uint32_t feature, float sum,
                             float partner) const {
    const std::uint32_t dim = kv.head_dim;
    const std::uint32_t head = feature / dim;
    const std::uint32_t in_head = feature % dim;
    if (bias != nullptr) {
      sum += to_float(bias[feature]);
      partner += to_float(bias[feature + 8]);
    }
    const std::uint32_t at = position[row];
    if (head < heads + kv.kv_heads) {
      // The partners are the file's pair (2i, 2i + 1), i being the tile's first pair plus g.
      const std::uint32_t pair = in_head / 16 * 8 + in_head % 8;
      const float* const angle = cos_sin + (std::size_t{at} * (dim / 2) + pair) * 2;
      const float rotated = sum * angle[0] - partner * angle[1];
      partner = sum * angle[1] + partner * angle[0];
      sum = rotated;
    }
    T* target = query + std::size_t{row} * query_stride + feature;
    if (head >= heads) {
      const std::uint32_t of_kv = (head - heads) % kv.kv_heads;
      const bool is_value = head >= heads + kv.kv_heads;
      const std::uint32_t page = pages[std::size_t{slot[row]} * max_pages + at / kPageTokens];
      target = static_cast<T*>(kv.data) + kv.keys_at(page, layer, of_kv) +
               element_in_page(is_value ? PagePart::values : PagePart::keys, at % kPageTokens,
                               in_head, dim);
    }
    target[0] = from_float<T>(sum);
    target[8] = from_float<T>(partner);
  }
};

}  // namespace turbomind::cuda
