// Sequences with random keys and values in scattered pages of a pool, everything else poisoned, and
// attention over them in double precision.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "device_array.hpp"
#include "half_values.hpp"
#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/cuda/kernels/page_layout.hpp"

namespace lmbench::test {

struct ContextShape {
  DataType type = DataType::fp16;
  std::uint32_t heads = 1;
  std::uint32_t kv_heads = 1;
  std::uint32_t head_dim = 64;
  std::uint32_t layers = 2;
};

class PagedContext {
 public:
  static constexpr std::uint32_t kLayer = 1;  // of the shape's layers; the others stay poisoned

  // A sequence per length; the slot behind them is nobody's, with zeros on its page.
  PagedContext(const ContextShape& shape, const std::vector<std::uint32_t>& lengths,
               std::uint32_t seed = 1)
      : shape_(shape),
        max_pages_(1 + *std::max_element(lengths.begin(), lengths.end()) / turbomind::kPageTokens),
        page_count_(static_cast<std::uint32_t>(lengths.size()) * max_pages_ + 1),
        kv_{nullptr, shape.layers, shape.kv_heads, shape.head_dim},
        pool_(page_count_ * kv_.page_stride()),
        pages_((lengths.size() + 1) * max_pages_) {
    kv_.data = pool_.get();
    std::vector<std::uint32_t> free(page_count_);
    std::iota(free.begin(), free.end(), 0U);
    std::mt19937 generator(seed);
    std::shuffle(free.begin(), free.end(), generator);
    table_.assign(pages_.size(), ~0U);
    std::vector<std::uint16_t> pool(pool_.size(), 0xFFFF);
    for (std::uint32_t slot = 0; slot < lengths.size(); ++slot) {
      keys_.push_back(random_rows(lengths[slot], columns(), 1.0, shape.type, seed + 2 * slot + 1));
      values_.push_back(
          random_rows(lengths[slot], columns(), 1.0, shape.type, seed + 2 * slot + 2));
      for (std::uint32_t position = 0; position < lengths[slot]; ++position) {
        std::uint32_t& page = table_[slot * max_pages_ + position / turbomind::kPageTokens];
        if (page == ~0U) {
          page = free.back();
          free.pop_back();
        }
        place(pool, page, position, slot);
      }
    }
    const std::uint32_t dummy = free.back();
    for (std::uint32_t i = 0; i < max_pages_; ++i) {
      table_[lengths.size() * max_pages_ + i] = dummy;
    }
    std::fill_n(pool.begin() + static_cast<std::ptrdiff_t>(dummy * kv_.page_stride()),
                kv_.page_stride(), std::uint16_t{0});
    pool_.assign(pool);
    pages_.assign(table_);
    slots_.max_slots = static_cast<std::uint32_t>(lengths.size());
    slots_.max_pages = max_pages_;
    slots_.pages = pages_.get();
  }

  const turbomind::cuda::KvPages& kv() const { return kv_; }
  const turbomind::cuda::Slots& slots() const { return slots_; }
  const ContextShape& shape() const { return shape_; }
  float scale() const { return 1.0F / std::sqrt(static_cast<float>(shape_.head_dim)); }

  // One query row [heads * head_dim] against the first `context` tokens of a slot, in double.
  std::vector<double> attend(const std::uint16_t* query, std::uint32_t slot,
                             std::uint32_t context) const {
    std::vector<double> out(std::size_t{shape_.heads} * shape_.head_dim);
    for (std::uint32_t head = 0; head < shape_.heads; ++head) {
      attend_head(query, slot, context, head, out.data() + head * shape_.head_dim);
    }
    return out;
  }
 private:
  std::size_t columns() const { return std::size_t{shape_.kv_heads} * shape_.head_dim; }

  void place(std::vector<std::uint16_t>& pool, std::uint32_t page, std::uint32_t position,
             std::uint32_t slot) const {
    using turbomind::cuda::element_in_page;
    using turbomind::cuda::PagePart;
    const std::uint32_t dim = shape_.head_dim;
    for (std::uint32_t head = 0; head < shape_.kv_heads; ++head) {
      const std::size_t source = position * columns() + std::size_t{head} * dim;
      const std::uint32_t token = position % turbomind::kPageTokens;
      std::uint16_t* const target = pool.data() + kv_.keys_at(page, kLayer, head);
      for (std::uint32_t i = 0; i < dim; ++i) {
        target[element_in_page(PagePart::keys, token, i, dim)] = keys_[slot][source + i];
        target[element_in_page(PagePart::values, token, i, dim)] = values_[slot][source + i];
      }
    }
  }

  void attend_head(const std::uint16_t* query, std::uint32_t slot, std::uint32_t context,
                   std::uint32_t head, double* out) const {
    const std::size_t dim = shape_.head_dim;
    const std::size_t column = head / (shape_.heads / shape_.kv_heads) * dim;
    std::vector<double> scores(context);
    for (std::uint32_t k = 0; k < context; ++k) {
      for (std::size_t i = 0; i < dim; ++i) {
        scores[k] += value_of(query[head * dim + i], shape_.type) *
                     value_of(keys_[slot][k * columns() + column + i], shape_.type);
      }
      scores[k] *= static_cast<double>(scale());
    }
    const double largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double& score : scores) sum += score = std::exp(score - largest);
    for (std::uint32_t k = 0; k < context; ++k) {
      for (std::size_t i = 0; i < dim; ++i) {
        out[i] +=
            scores[k] / sum * value_of(values_[slot][k * columns() + column + i], shape_.type);
      }
    }
  }

  ContextShape shape_;
  std::uint32_t max_pages_;
  std::uint32_t page_count_;
  turbomind::cuda::KvPages kv_;
  DeviceArray<std::uint16_t> pool_;
  DeviceArray<std::uint32_t> pages_;
  std::vector<std::uint32_t> table_;
  std::vector<Halves> keys_;  // by slot: [length][kv_heads * head_dim]
  std::vector<Halves> values_;
  turbomind::cuda::Slots slots_{};
};

inline double attention_tolerance(DataType type) { return type == DataType::fp16 ? 1e-3 : 8e-3; }

}  // namespace lmbench::test
