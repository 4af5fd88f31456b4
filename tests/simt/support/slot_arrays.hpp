// The sequences' state in device memory, for tests of kernels that read and write it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "device_array.hpp"
#include "turbomind/cuda/kernels/device_state.hpp"

namespace lmbench::test {

struct SlotArrays {
  SlotArrays(std::uint32_t max_slots, std::uint32_t max_pages, std::uint32_t vocab_size)
      : token(zeros<std::int32_t>(max_slots + 1)),
        position(zeros<std::uint32_t>(max_slots + 1)),
        end_position(zeros<std::uint32_t>(max_slots + 1)),
        min_position(zeros<std::uint32_t>(max_slots + 1)),
        is_live(zeros<std::uint32_t>(max_slots + 1)),
        sampling(std::vector<turbomind::cuda::SlotSampling>(max_slots + 1)),
        stop_bits(zeros<std::uint32_t>((max_slots + 1) * ((vocab_size + 31) / 32))),
        pages((max_slots + 1) * max_pages) {
    view.max_slots = max_slots;
    view.max_pages = max_pages;
    view.stop_words = (vocab_size + 31) / 32;
    view.token = token.get();
    view.position = position.get();
    view.end_position = end_position.get();
    view.min_position = min_position.get();
    view.is_live = is_live.get();
    view.sampling = sampling.get();
    view.stop_bits = stop_bits.get();
    view.pages = pages.get();
  }

  DeviceArray<std::int32_t> token;
  DeviceArray<std::uint32_t> position;
  DeviceArray<std::uint32_t> end_position;
  DeviceArray<std::uint32_t> min_position;
  DeviceArray<std::uint32_t> is_live;
  DeviceArray<turbomind::cuda::SlotSampling> sampling;
  DeviceArray<std::uint32_t> stop_bits;
  DeviceArray<std::uint32_t> pages;  // poisoned
  turbomind::cuda::Slots view{};
 private:
  template <class T>
  static std::vector<T> zeros(std::size_t count) {
    return std::vector<T>(count);
  }
};

}  // namespace lmbench::test
