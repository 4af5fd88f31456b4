// Which of the threads that could go on does so: by SIMT_ORDER = forward, reverse or random, and
// SIMT_SEED.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace simt {

enum class Order {
  forward,  // the lowest thread runs as far ahead as it can
  reverse,  // the highest
  random,   // by priorities of warps and lanes, or a new draw each time; the same for a seed
};

struct Schedule {
  Order order = Order::forward;
  std::uint64_t seed = 1;
};

const Schedule& schedule();

// xorshift64*: small, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {
    for (int i = 0; i < 8; ++i) (*this)(1);
  }

  // From 0 to below - 1.
  unsigned operator()(unsigned below) {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return static_cast<unsigned>((state_ * 0x2545F4914F6CDD1DU >> 33U) % below);
  }
 private:
  std::uint64_t state_;
};

}  // namespace simt
