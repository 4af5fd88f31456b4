// The large products, by cuBLASLt: what a call asks of the library, and which algorithm it takes.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "half_values.hpp"
#include "turbomind/cuda/device_stream.hpp"
#include "turbomind/cuda/large_product.hpp"
#include "wide_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;

namespace {

// Device memory, which on this machine the host can write, full of one value.
struct FilledMemory {
  FilledMemory(std::size_t count, double value) : memory(count * 2, "a test") { fill(value); }
  void fill(double value) {
    std::fill_n(data(), memory.size() / 2, lmbench::test::half_of(value, DataType::fp16));
  }
  std::uint16_t* data() const { return reinterpret_cast<std::uint16_t*>(memory.data()); }
  double last() const {
    return lmbench::test::value_of(data()[memory.size() / 2 - 1], DataType::fp16);
  }

  cuda::DeviceMemory memory;
};

int created_objects() {
  return FakeGpu::calls("cublasLtMatmulDescCreate") + FakeGpu::calls("cublasLtMatrixLayoutCreate") +
         FakeGpu::calls("cublasLtMatmulPreferenceCreate");
}

}  // namespace

TEST_CASE("a call has its own rows and bias, whichever came before it") {
  const FakeMachine machine;
  constexpr std::uint32_t kInputs = 3;
  constexpr std::uint32_t kFeatures = 2;
  const FilledMemory x(70 * kInputs, 1);
  const FilledMemory weights(kFeatures * kInputs, 1);
  const FilledMemory one(kFeatures, 1);
  const FilledMemory two(kFeatures, 2);
  const FilledMemory scratch(70 * kFeatures, 0);
  const cuda::DeviceStream stream;
  cuda::LargeProducts products(DataType::fp16, stream.get());
  const auto sum = [&](std::uint32_t rows, const FilledMemory* bias, bool keeps_residual) {
    FilledMemory residual(rows * kFeatures, 10);
    products.add({rows, kInputs, kFeatures}, {x.data(), weights.data()},
                 {.residual = residual.data(),
                  .bias = bias == nullptr ? nullptr : bias->data(),
                  .keeps_residual = keeps_residual,
                  .scratch = scratch.data()});
    return residual.last();
  };
  CHECK(sum(65, &one, true) == 14);  // which is timed, and still added once
  CHECK(sum(70, &two, true) == 15);
  CHECK(sum(66, &one, false) == 4);
  CHECK(sum(65, nullptr, true) == 13);
}

TEST_CASE("descriptions are made once, whatever the numbers of rows") {
  const WideFolder wide;
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, wide.options());
  gpu.generate(wide.job(70));
  const int created = created_objects();
  CHECK(created > 0);
  // Their algorithms are known: those of 65 to 128 rows are.
  for (const std::uint32_t rows : {71U, 128U, 65U, 70U}) gpu.generate(wide.job(rows));
  CHECK(created_objects() == created);
}

TEST_CASE("timing algorithms takes no memory of the device") {
  const WideFolder wide;
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, wide.options());
  const int allocations = FakeGpu::calls("cudaMalloc");
  const int timed = timed_products();
  gpu.generate(wide.job(70));
  CHECK(timed_products() > timed);
  CHECK(FakeGpu::calls("cudaMalloc") == allocations);
}

TEST_CASE("products that are tuned after load are counted") {
  const WideFolder wide;
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, wide.options());
  CHECK(gpu.statistic("products_tuned") == 0);
  const int timed = timed_products();
  gpu.generate(wide.job(70));
  CHECK(gpu.statistic("products_tuned") == timed_products() - timed);
  CHECK(gpu.statistic("products_tuned") > 0);
  CHECK(gpu.statistic("products_unsaved") == 0);
  gpu.reset();
  gpu.generate(wide.job(70));
  CHECK(gpu.statistic("products_tuned") == 0);
}

TEST_CASE("decode batches of many rows without graphs create nothing in a second round") {
  const WideFolder wide;
  std::vector<Job> jobs;
  for (std::uint32_t i = 0; i < 70; ++i) jobs.push_back(wide.job(1 + i % 3));
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, wide.options(70).text("cuda_graphs", "off"));
  const std::vector<Tokens> first = gpu.generate(jobs);
  const int created = created_objects();
  const int timed = timed_products();
  CHECK(gpu.generate(jobs) == first);
  CHECK(created_objects() == created);
  CHECK(timed_products() == timed);
}

TEST_CASE("a number of rows that its neighbours' algorithm does not serve gets its own, once") {
  const WideFolder wide;
  Tokens expected;
  {
    const FakeMachine machine;
    LoadedEngine gpu(make_engine, wide.options());
    expected = gpu.generate(wide.job(90));
  }
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, wide.options());
  gpu.generate(wide.job(70));
  FakeCublasLt::spoil_fast_algorithm(90);
  const int timed = timed_products();
  CHECK(gpu.generate(wide.job(90)) == expected);
  const int timed_twice = timed_products();
  CHECK(timed_twice > timed);
  CHECK(gpu.generate(wide.job(90)) == expected);
  gpu.generate(wide.job(70));
  CHECK(timed_products() == timed_twice);
}
