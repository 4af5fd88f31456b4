// The skinny GEMM of every instruction set of this machine, and the large product.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "packed_problem.hpp"
#include "turbomind/cpu/kernels/matrix_product.hpp"

namespace turbomind::test { namespace {

struct Shape {
  std::uint32_t k;
  std::uint32_t n;
};

// One tile, tails in K and N of every kind, more than one chunk of K.
constexpr Shape kShapes[] = {{32, 64}, {1, 1}, {31, 63}, {33, 65}, {129, 100}, {300, 190}};

// fp32 sums of K products, x with outliers.
constexpr double kSumTolerance = 2e-6;

template <class Body>
void for_all_isas_and_types(Body body) {
  for (const Isa isa : supported_isas()) {
    for (const DataType type : kAllTypes) {
      CAPTURE(turbomind::name_of(isa));
      CAPTURE(std::string(name_of(type)));
      body(kernels_for(isa), type);
    }
  }
}

// Our own kernels, and oneDNN whether or not it would be chosen here.
template <class Body>
void for_all_products(Body body) {
  for_all_isas_and_types([&](const Kernels& kernels, DataType type) {
    for (const bool uses_onednn : {false, true}) {
      CAPTURE(uses_onednn);
      MatrixProduct product(kernels, uses_onednn);
      body(product, type);
    }
  });
}

std::uint32_t thread_count() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("Threads:", 0) == 0) {
      return static_cast<std::uint32_t>(std::stoul(line.substr(8)));
    }
  }
  return 0;
}

TEST_CASE("a skinny product agrees with double precision for every shape, type and ISA") {
  for (const Shape shape : kShapes) {
    CAPTURE(shape.k);
    CAPTURE(shape.n);
    for_all_isas_and_types([&](const Kernels& kernels, DataType type) {
      for (const std::uint32_t m : {1U, 2U, 7U, 16U, 19U, 67U}) {
        const PackedProblem problem(type, m, shape.k, shape.n, false);
        Result y(std::size_t{m} * shape.n, DataType::fp32);
        kernels.skinny_gemm(problem.arguments(m, y.bytes.data()));
        CHECK(distance(y.values(), problem.expected(m)) < kSumTolerance);
      }
    });
  }
}

TEST_CASE("a product of a gate/up matrix ends in SwiGLU of the activation type") {
  for (const Shape shape : {Shape{64, 32}, Shape{70, 33}, Shape{128, 90}}) {
    for_all_isas_and_types([&](const Kernels& kernels, DataType type) {
      const PackedProblem problem(type, 5, shape.k, shape.n, true);
      Result y(5 * std::size_t{shape.n}, activation_type(type));
      kernels.skinny_gemm(problem.arguments(5, y.bytes.data()));
      CHECK(distance(y.values(), problem.expected(5)) < tolerance(y.type) + kSumTolerance);
    });
  }
}

TEST_CASE("bias and residual are added once") {
  for_all_isas_and_types([&](const Kernels& kernels, DataType type) {
    const std::uint32_t m = 3;
    const PackedProblem problem(type, m, 96, 130, false);
    const std::vector<float> bias = normal(130, 11);
    std::vector<float> y = normal(m * 130, 12);
    std::vector<double> expected = problem.expected(m);
    for (std::size_t i = 0; i < y.size(); ++i) expected[i] += double{y[i]} + bias[i % 130];
    GemmArguments arguments = problem.arguments(m, y.data());
    arguments.epilogue = Epilogue::add;
    arguments.bias = bias.data();
    kernels.skinny_gemm(arguments);
    CHECK(distance({y.begin(), y.end()}, expected) < kSumTolerance);
  });
}

TEST_CASE("a row's result has the same bits whatever the number of rows") {
  for_all_isas_and_types([&](const Kernels& kernels, DataType type) {
    constexpr std::uint32_t kRows = 150;
    const PackedProblem problem(type, kRows, 200, 80, false);
    Result all(kRows * 80, DataType::fp32);
    kernels.skinny_gemm(problem.arguments(kRows, all.bytes.data()));
    for (const std::uint32_t m : {1U, 2U, 3U, 5U, 6U, 7U, 11U, 12U, 13U, 16U, 17U, 64U, 65U}) {
      CAPTURE(m);
      Result some(m * 80, DataType::fp32);
      kernels.skinny_gemm(problem.arguments(m, some.bytes.data()));
      CHECK(std::memcmp(some.bytes.data(), all.bytes.data(), some.bytes.size()) == 0);
    }
    for (std::uint32_t row = 1; row < kRows; row += 7) {  // alone, from the middle of the batch
      CAPTURE(row);
      Result one(80, DataType::fp32);
      GemmArguments arguments = problem.arguments(1, one.bytes.data());
      arguments.x = problem.x.bytes.data() + row * std::size_t{200} * bytes_of(problem.x.type);
      kernels.skinny_gemm(arguments);
      CHECK(std::memcmp(one.bytes.data(), all.bytes.data() + row * one.bytes.size(),
                        one.bytes.size()) == 0);
    }
  });
}

TEST_CASE("a product of a range of tiles writes the columns of the range alone") {
  for_all_isas_and_types([&](const Kernels& kernels, DataType type) {
    const PackedProblem problem(type, 2, 64, 200, false);
    Result y(2 * 200, DataType::fp32);
    GemmArguments arguments = problem.arguments(2, y.bytes.data());
    arguments.range = {1, 3};
    kernels.skinny_gemm(arguments);
    const std::vector<double> values = y.values();
    const std::vector<double> expected = problem.expected(2);
    for (std::size_t i = 0; i < values.size(); ++i) {
      CAPTURE(i);
      const bool is_inside = i % 200 >= 64 && i % 200 < 192;
      CHECK(std::isnan(values[i]) == !is_inside);
      if (is_inside) CHECK(values[i] == doctest::Approx(expected[i]).epsilon(1e-3));
    }
  });
}

TEST_CASE("a large product agrees with double precision, and starts no thread") {
  const std::uint32_t threads_before = thread_count();
  for_all_products([&](MatrixProduct& product, DataType type) {
    for (const Shape shape : {Shape{64, 64}, Shape{75, 130}, Shape{300, 190}}) {
      for (const std::uint32_t m : {1U, 17U, 70U, 257U}) {
        CAPTURE(m);
        for (const bool is_gate_up : {false, true}) {
          const PackedProblem problem(type, m, shape.k, shape.n, is_gate_up);
          const DataType y_type = is_gate_up ? activation_type(type) : DataType::fp32;
          Result y(std::size_t{m} * shape.n, y_type);
          product.run(problem.arguments(m, y.bytes.data()));
          CHECK(distance(y.values(), problem.expected(m)) <
                kSumTolerance + (is_gate_up ? tolerance(y_type) : 0));
        }
      }
    }
  });
  CHECK(thread_count() == threads_before);
}

TEST_CASE("a large product adds bias and residual, for any range of tiles") {
  for_all_products([&](MatrixProduct& product, DataType type) {
    const std::uint32_t m = 40;
    const PackedProblem problem(type, m, 96, 200, false);
    const std::vector<float> bias = normal(200, 11);
    for (const bool has_bias : {false, true}) {
      std::vector<float> y = normal(m * 200, 12);
      std::vector<double> expected = problem.expected(m);
      for (std::size_t i = 0; i < y.size(); ++i) {
        expected[i] += double{y[i]} + (has_bias ? bias[i % 200] : 0.0F);
      }
      GemmArguments arguments = problem.arguments(m, y.data());
      arguments.epilogue = Epilogue::add;
      arguments.bias = has_bias ? bias.data() : nullptr;
      for (std::uint32_t share = 0; share < 3; ++share) {
        arguments.range = tile_share(problem.matrix.tiles(), 3, share);
        product.run(arguments);
      }
      CHECK(distance({y.begin(), y.end()}, expected) < kSumTolerance);
    }
  });
}

}}  // namespace turbomind::test
