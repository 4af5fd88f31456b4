// The noise of rounds, as a machine has it: normal, and autoregressive where rounds resemble their
// neighbours. In units of ln(rate).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace lmbench::test {

class RoundNoise {
 public:
  RoundNoise(std::uint64_t seed, double standard_deviation, double autocorrelation = 0)
      : random_(seed), sd_(standard_deviation), rho_(autocorrelation) {
    restart();
  }

  void restart() { state_ = normal_(random_); }  // a new machine
  double next() {
    const double value = sd_ * state_;
    state_ = rho_ * state_ + std::sqrt(1 - rho_ * rho_) * normal_(random_);
    return value;
  }
 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  double sd_;
  double rho_;
  double state_ = 0;
};

}  // namespace lmbench::test
