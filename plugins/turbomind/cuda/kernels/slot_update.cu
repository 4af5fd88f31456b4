// A few hundred bytes once per plan: nothing here is worth tuning.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "turbomind/cuda/kernels/simt.hpp"
#include "turbomind/cuda/kernels/slot_update.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::uint32_t kThreads = 128;

// A thread block per join.
__global__ void __launch_bounds__(kThreads) join_kernel(const JoinUpdate* joins, Slots slots) {
  const JoinUpdate& join = joins[blockIdx.x];
  const std::uint32_t slot = join.slot;
  if (threadIdx.x == 0) {
    slots.token[slot] = join.token;
    slots.position[slot] = join.position;
    slots.end_position[slot] = join.end_position;
    slots.min_position[slot] = join.min_position;
    slots.sampling[slot] = join.sampling;
    slots.is_live[slot] = 1;
  }
  std::uint32_t* const bits = slots.stop_bits + std::size_t{slot} * slots.stop_words;
  for (std::uint32_t i = threadIdx.x; i < slots.stop_words; i += kThreads) bits[i] = 0;
}

__global__ void __launch_bounds__(kThreads)
    stop_kernel(const StopUpdate* stops, std::uint32_t count, Slots slots) {
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= count) return;
  const auto token = static_cast<std::uint32_t>(stops[i].token);
  atomicOr(slots.stop_bits + std::size_t{stops[i].slot} * slots.stop_words + token / 32,
           1U << token % 32);
}

__global__ void __launch_bounds__(kThreads)
    page_kernel(const PageUpdate* pages, std::uint32_t count, Slots slots) {
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= count) return;
  slots.pages[std::size_t{pages[i].slot} * slots.max_pages + pages[i].index] = pages[i].page;
}

std::uint32_t blocks_of(std::uint32_t count) { return (count + kThreads - 1) / kThreads; }

}  // namespace

void apply_joins(const JoinUpdate* joins, std::uint32_t count, const Slots& slots, Stream stream) {
  if (count == 0) return;
  simt::launch({.grid = dim3(count), .block = dim3(kThreads), .stream = stream}, join_kernel, joins,
               slots);
}

void apply_stops(const StopUpdate* stops, std::uint32_t count, const Slots& slots, Stream stream) {
  if (count == 0) return;
  simt::launch({.grid = dim3(blocks_of(count)), .block = dim3(kThreads), .stream = stream},
               stop_kernel, stops, count, slots);
}

void apply_pages(const PageUpdate* pages, std::uint32_t count, const Slots& slots, Stream stream) {
  if (count == 0) return;
  simt::launch({.grid = dim3(blocks_of(count)), .block = dim3(kThreads), .stream = stream},
               page_kernel, pages, count, slots);
}

}  // namespace turbomind::cuda
