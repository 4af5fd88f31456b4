// The identity of the pair order: rotating neighbours after reordering is the half-split rotation
// of Hugging Face, for q, k and hence their products.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <random>
#include <vector>

#include "turbomind/model/huggingface_weights.hpp"

using turbomind::pair_place;

namespace {

using Vector = std::vector<double>;

Vector rotated_half_split(const Vector& x, double position) {
  const std::size_t half = x.size() / 2;
  Vector y(x.size());
  for (std::size_t j = 0; j < half; ++j) {
    const double angle =
        position * std::pow(10000.0, -2.0 * static_cast<double>(j) / static_cast<double>(x.size()));
    y[j] = x[j] * std::cos(angle) - x[j + half] * std::sin(angle);
    y[j + half] = x[j + half] * std::cos(angle) + x[j] * std::sin(angle);
  }
  return y;
}

Vector rotated_in_pairs(const Vector& x, double position) {
  Vector y(x.size());
  for (std::size_t j = 0; j < x.size() / 2; ++j) {
    const double angle =
        position * std::pow(10000.0, -2.0 * static_cast<double>(j) / static_cast<double>(x.size()));
    y[2 * j] = x[2 * j] * std::cos(angle) - x[2 * j + 1] * std::sin(angle);
    y[2 * j + 1] = x[2 * j] * std::sin(angle) + x[2 * j + 1] * std::cos(angle);
  }
  return y;
}

Vector reordered(const Vector& x) {
  Vector y(x.size());
  for (std::size_t m = 0; m < x.size(); ++m) y[pair_place(m, x.size())] = x[m];
  return y;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

TEST_CASE("a head of eight is stored in the order 0 4 1 5 2 6 3 7") {
  const Vector stored = reordered({0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(stored == Vector{0, 4, 1, 5, 2, 6, 3, 7});
}

TEST_CASE("rotating pairs of the reordered head is the half-split rotation, reordered") {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (const std::size_t size : {std::size_t{8}, std::size_t{128}}) {
    Vector q(size);
    Vector k(size);
    for (double& x : q) x = uniform(random);
    for (double& x : k) x = uniform(random);
    for (const double position : {0.0, 1.0, 17.0, 2047.0}) {
      const Vector pairs = rotated_in_pairs(reordered(q), position);
      const Vector halves = reordered(rotated_half_split(q, position));
      for (std::size_t i = 0; i < size; ++i) CHECK(pairs[i] == doctest::Approx(halves[i]));
      const double product = dot(pairs, rotated_in_pairs(reordered(k), 5));
      const double expected = dot(rotated_half_split(q, position), rotated_half_split(k, 5));
      CHECK(product == doctest::Approx(expected));
    }
  }
}
