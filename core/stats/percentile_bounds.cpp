// SPDX-License-Identifier: Apache-2.0
#include "stats/percentile_bounds.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

namespace lmbench::stats {
namespace {

// The first of 0 ... n for which a claim is true that stays true from then on; n + 1: none.
template <class Claim>
std::uint64_t first_true(std::uint64_t n, const Claim& claim) {
  std::uint64_t begin = 0;
  std::uint64_t end = n + 1;
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    if (claim(middle)) {
      end = middle;
    } else {
      begin = middle + 1;
    }
  }
  return begin;
}

}  // namespace

Ranks percentile_ranks(std::uint64_t independent, double share, double confidence) {
  const double miss = (1 - confidence) / 2;  // of one side
  const boost::math::binomial below(static_cast<double>(independent), share);
  // With i values before it, a value lies above the percentile when at most i of all are below that,
  // and below it when more are.
  const std::uint64_t first_too_high = first_true(
      independent, [&](std::uint64_t i) { return cdf(below, static_cast<double>(i)) > miss; });
  const std::uint64_t first_high_enough = first_true(independent - 1, [&](std::uint64_t i) {
    return cdf(complement(below, static_cast<double>(i))) <= miss;
  });
  Ranks ranks;
  if (first_too_high > 0) ranks.low = first_too_high;  // of the value before that
  if (first_high_enough < independent) ranks.high = first_high_enough + 1;
  return ranks;
}

PercentileBounds percentile_bounds(const OrderedSample& sample, double n_eff, double share,
                                   double confidence) {
  const auto independent = static_cast<std::uint64_t>(n_eff);
  if (independent < 2) return {};
  const Ranks ranks = percentile_ranks(independent, share, confidence);
  const double spacing =
      static_cast<double>(sample.count() - 1) / static_cast<double>(independent - 1);
  const auto position = [spacing](std::uint64_t rank) {
    return static_cast<double>(rank - 1) * spacing;
  };
  // Away from the percentile where a rank falls between two values.
  PercentileBounds bounds;
  if (ranks.low) bounds.low = sample.at(static_cast<std::uint64_t>(position(*ranks.low)));
  if (ranks.high) {
    const auto above = static_cast<std::uint64_t>(std::ceil(position(*ranks.high)));
    bounds.high = sample.at(std::min(above, sample.count() - 1));
  }
  return bounds;
}

}  // namespace lmbench::stats
