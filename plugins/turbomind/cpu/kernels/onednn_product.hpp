// oneDNN's matmul on a run of packed tiles, in the calling thread alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace turbomind {

enum class OneDnnEpilogue { store, add, bias, bias_add };

// y[rows, columns] = x[rows, depth] W of bf16, W packed as packed_weights.hpp says; y fp32.
// Everything but the pointers decides which primitive runs.
struct OneDnnProblem {
  OneDnnEpilogue epilogue = OneDnnEpilogue::store;
  std::uint32_t rows = 0;
  std::uint32_t depth = 0;
  std::uint32_t columns = 0;
  std::size_t x_stride = 0;
  std::size_t y_stride = 0;

  auto operator<=>(const OneDnnProblem&) const = default;
};

struct OneDnnOperands {
  const void* x;
  const std::byte* weights;
  const float* bias;
  float* y;
};

class OneDnnProduct {
 public:
  OneDnnProduct();
  ~OneDnnProduct();
  OneDnnProduct(const OneDnnProduct&) = delete;
  OneDnnProduct& operator=(const OneDnnProduct&) = delete;

  // False if oneDNN has no fast kernel for this on this CPU (then nothing was written) or is not
  // built in. Throws Error with device_error if it fails.
  bool run(const OneDnnProblem& problem, const OneDnnOperands& operands);
 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbomind
