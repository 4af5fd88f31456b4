// The nucleus of a row of logits by radix search, with a whole thread block: the definition of
// sampling/nucleus.hpp, with the same integers, so that host and device find the same one. Device
// code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "turbomind/cuda/kernels/block_scan.hpp"
#include "turbomind/cuda/kernels/simt.hpp"
#include "turbomind/sampling/draw.hpp"
#include "turbomind/sampling/nucleus.hpp"
#include "turbomind/sampling/score_order.hpp"

namespace turbomind::cuda {

constexpr std::uint32_t kSelectThreads = 1024;
constexpr std::uint32_t kDigits = 2048;  // 11 bits: exponents alone would crowd into a few of 256
constexpr std::uint32_t kDigitsPerThread = kDigits / kSelectThreads;
static_assert(kDigitsPerThread == 2);

// Tokens of equal key, what they and those above weigh, and what was asked for.
struct KeyGroup {
  Wide key;  // of 32 bits: no padding that nobody writes
  Wide target;
  Wide weight_above;
  Wide weight;
};

// Adds to a 64-bit sum in shared memory, as two words: there are native additions of 32 bits only; for
// 64, nvcc writes a compare-and-swap loop. Each addition that takes `low` over its end carries, and how
// many do depends on the sum of the low words alone: the result is the same in any order.
__device__ __forceinline__ void add_weight(std::uint32_t& low, std::uint32_t& high, Wide weight) {
  const auto part = static_cast<std::uint32_t>(weight);
  const std::uint32_t before = atomicAdd(&low, part);
  const std::uint32_t carry = before + part < before ? 1 : 0;
  const std::uint32_t rest = static_cast<std::uint32_t>(weight >> 32U) + carry;
  if (rest != 0) atomicAdd(&high, rest);
}
// Tokens that are counted: fewer than 2^32.
__device__ __forceinline__ void add_weight(std::uint32_t& low, std::uint32_t&,
                                           std::uint32_t weight) {
  atomicAdd(&low, weight);
}

// The largest key such that it and those above weigh at least target_of(total weight).
// for_each(visit) calls visit(key, weight) for this thread's share of the tokens; a weight is a Wide,
// or of 32 bits where all of them together are.
template <class ForEach, class Target>
__device__ KeyGroup find_group(const ForEach& for_each, const Target& target_of) {
  SIMT_SHARED(std::uint32_t, low, [kDigits]);  // words of the weight of each digit
  SIMT_SHARED(std::uint32_t, high, [kDigits]);
  SIMT_SHARED(KeyGroup, found, [1]);
  KeyGroup group{0, 0, 0, 0};
  std::uint32_t known = 0;  // mask of the bits that are decided
  for (int step = 0; step < 3; ++step) {
    const std::uint32_t shift = step == 0 ? 21 : step == 1 ? 10 : 0;
    const std::uint32_t last = (step == 2 ? 1U << 10U : kDigits) - 1;
    for (std::uint32_t i = threadIdx.x; i < kDigits; i += kSelectThreads) low[i] = high[i] = 0;
    __syncthreads();
    for_each([&](std::uint32_t key, auto weight) {
      if (weight == 0 || (key & known) != group.key) return;
      const std::uint32_t digit = (key >> shift) & last;
      add_weight(low[digit], high[digit], weight);
    });
    __syncthreads();
    // Thread i has the digits last - 2i and last - 2i - 1: the largest come first.
    const std::uint32_t upper = last - 2 * threadIdx.x;
    const bool has_digits = 2 * threadIdx.x < last;
    const auto weight_of = [&](std::uint32_t digit) {
      return Wide{high[digit]} << 32U | low[digit];
    };
    const Wide first = has_digits ? weight_of(upper) : 0;
    const Wide second = has_digits ? weight_of(upper - 1) : 0;
    const Scan scan = block_scan<kSelectThreads>(first + second);
    if (step == 0) group.target = target_of(scan.total);
    const Wide before = group.weight_above + scan.before;
    const bool is_here = before < group.target && before + first + second >= group.target;
    const bool is_none_asked = group.target == 0 && threadIdx.x == 0;
    if (is_here || is_none_asked) {
      const bool is_upper = is_none_asked || before + first >= group.target;
      const std::uint32_t digit = is_upper ? upper : upper - 1;
      found[0] = {group.key | digit << shift, group.target, is_upper ? before : before + first,
                  is_upper ? first : second};
    }
    __syncthreads();
    group = found[0];
    known |= last << shift;
  }
  return group;
}

// for_each_token(visit) calls visit(scaled logit) for this thread's share of the tokens; largest is
// the largest scaled logit of all.
template <class ForEachToken>
__device__ Nucleus find_nucleus(const ForEachToken& for_each_token, const Draw& draw,
                                std::uint32_t token_count, float largest) {
  std::uint32_t least_key = 0;
  const std::int32_t top_k = draw.sampling.top_k;
  if (top_k > 0 && static_cast<std::uint32_t>(top_k) < token_count) {
    const auto count = [&](const auto& visit) {
      for_each_token([&](float scaled) { visit(score_key(scaled), std::uint32_t{1}); });
    };
    least_key = static_cast<std::uint32_t>(
        find_group(count, [&](Wide) { return static_cast<Wide>(top_k); }).key);
  }
  if (draw.sampling.top_p >= 1.0F) return {largest, least_key, 0.0F};
  const auto weigh = [&](const auto& visit) {
    for_each_token([&](float scaled) {
      const std::uint32_t key = score_key(scaled);
      visit(key, key >= least_key ? Wide{nucleus_mass(scaled, largest)} : Wide{0});
    });
  };
  const KeyGroup last =
      find_group(weigh, [&](Wide total) { return nucleus_target(draw.sampling.top_p, total); });
  if (last.target == 0) return {largest, least_key, 0.0F};  // logits that are no numbers
  const auto last_key = static_cast<std::uint32_t>(last.key);
  return {largest, last_key > least_key ? last_key : least_key,
          nucleus_shift(last.target - last.weight_above, last.weight)};
}

}  // namespace turbomind::cuda
