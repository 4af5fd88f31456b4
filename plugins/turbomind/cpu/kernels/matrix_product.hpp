// The large matrix product (prefill, big batches): oneDNN on the packed weights, in the calling
// thread alone; where oneDNN is not built in or does not fit, our own kernel in groups of rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "turbomind/cpu/kernels/arguments.hpp"
#include "turbomind/cpu/kernels/kernels.hpp"

namespace turbomind {

// One per thread of a team: keeps the compiled primitives and the workspace of that thread.
class MatrixProduct {
 public:
  explicit MatrixProduct(const Kernels& kernels);
  ~MatrixProduct();
  MatrixProduct(const MatrixProduct&) = delete;
  MatrixProduct& operator=(const MatrixProduct&) = delete;

  // Same arguments as Kernels::skinny_gemm, which it calls itself for few rows. The first call
  // with a new number of rows or a new shape compiles (milliseconds) and may allocate. [thread
  // that owns this object, always the same one] Throws Error with device_error if oneDNN fails.
  void run(const GemmArguments& arguments);
 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbomind
