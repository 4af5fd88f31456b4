// What tests can ask of the fake cuBLASLt. Its calls are counted by FakeGpu::calls(): of functions that
// create something, and of the heuristic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace lmbench::test {

class FakeCublasLt {
 public:
  static void reset();

  static void set_version(std::size_t version);

  // The fastest algorithm does not serve products of exactly so many rows.
  static void spoil_fast_algorithm(std::uint64_t rows);
};

}  // namespace lmbench::test
