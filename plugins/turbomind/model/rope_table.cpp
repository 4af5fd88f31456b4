// The rotary table, see rope_table.hpp.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/rope_table.hpp"

#include <cmath>

namespace turbomind {

RopeTable::RopeTable(std::uint32_t positions, std::uint32_t head_dim, float theta)
    : positions_(positions), head_dim_(head_dim), values_(std::size_t{positions} * head_dim) {
  const std::uint32_t pairs = head_dim / 2;
  for (std::uint32_t j = 0; j < pairs; ++j) {
    const double frequency = std::pow(static_cast<double>(theta), -2.0 * j / head_dim);
    for (std::uint32_t p = 0; p < positions; ++p) {
      float* pair = values_.data() + std::size_t{p} * head_dim + 2 * std::size_t{j};
      pair[0] = static_cast<float>(std::cos(p * frequency));
      pair[1] = static_cast<float>(std::sin(p * frequency));
    }
  }
}

}  // namespace turbomind
