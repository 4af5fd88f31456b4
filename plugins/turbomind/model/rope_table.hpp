// cos and sin of the rotary embedding, in pair order: row p holds D/2 pairs (cos a, sin a) with
// a = p * theta^(-2j/D), computed in double precision and rounded once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace turbomind {

class RopeTable {
 public:
  RopeTable() = default;
  RopeTable(std::uint32_t positions, std::uint32_t head_dim, float theta);

  const float* row(std::uint32_t position) const noexcept {
    return values_.data() + std::size_t{position} * head_dim_;
  }
  const std::vector<float>& values() const noexcept { return values_; }
  std::uint32_t positions() const noexcept { return positions_; }
 private:
  std::uint32_t positions_ = 0;
  std::uint32_t head_dim_ = 0;
  std::vector<float> values_;
};

}  // namespace turbomind
