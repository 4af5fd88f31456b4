// Indices and sizes in three dimensions, as CUDA has them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned of_x = 1, unsigned of_y = 1, unsigned of_z = 1)
      : x(of_x), y(of_y), z(of_z) {}

  constexpr unsigned long count() const { return static_cast<unsigned long>(x) * y * z; }
};
