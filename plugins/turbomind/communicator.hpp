// How the ranks of a tensor-parallel engine exchange data. Collectives: every rank calls the same
// ones in the same order with the same sizes; sums are taken in rank order, so that every rank
// gets the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace turbomind {

class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual std::uint32_t rank() const noexcept = 0;
  virtual std::uint32_t ranks() const noexcept = 0;

  // data becomes the element-wise sum over all ranks. Throws Error(device_error) once aborted.
  virtual void all_reduce(std::span<float> data) = 0;

  // out is the ranks' data one after another: out.size() == ranks() * data.size().
  virtual void all_gather(std::span<const std::byte> data, std::span<std::byte> out) = 0;

  // [any] Wakes every rank that waits in a collective; all further ones throw.
  virtual void abort() noexcept = 0;
};

}  // namespace turbomind
