// The large matrix product (prefill), in the calling thread alone. Our own kernels take any number
// of rows at nine tenths of the CPU's arithmetic, faster than oneDNN's; in AMX tile registers ours
// are made for few rows only, so there oneDNN does it, on the same packed weights. Where oneDNN is
// not built in or does not fit, our own do it again.
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
  // Whether bf16 products go to oneDNN: for tests, which may have no AMX.
  MatrixProduct(const Kernels& kernels, bool uses_onednn);
  ~MatrixProduct();
  MatrixProduct(const MatrixProduct&) = delete;
  MatrixProduct& operator=(const MatrixProduct&) = delete;

  // Whether oneDNN is faster for many rows.
  static bool gains(Isa isa) noexcept;

  // Same arguments as Kernels::skinny_gemm, which it calls itself where oneDNN does not gain. With
  // oneDNN the first call with a new number of rows or a new shape compiles (milliseconds) and may
  // allocate, and a row's last bits depend on the number of rows. [thread that owns this object,
  // always the same one] Throws Error with device_error if oneDNN fails.
  void run(const GemmArguments& arguments);
 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbomind
