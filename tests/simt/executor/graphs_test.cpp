// How the executor uses the device: captured graphs, memory taken once, any order that streams allow.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <vector>

#include "small_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;

TEST_CASE("graphs give the tokens that kernel by kernel gives") {
  const SmallFolder small;
  std::vector<Tokens> eager;
  {
    const FakeMachine machine;
    LoadedEngine gpu(make_engine, small.options().text("cuda_graphs", "off"));
    eager = gpu.generate(small.jobs());
    CHECK(FakeGpu::calls("cudaGraphLaunch") == 0);
  }
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, small.options());
  CHECK(gpu.generate(small.jobs()) == eager);
  CHECK(FakeGpu::calls("cudaGraphLaunch") > 0);
}

TEST_CASE("a second round captures nothing, allocates nothing and gives the same tokens") {
  const SmallFolder small;
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, small.options());
  const std::vector<Tokens> first = gpu.generate(small.jobs());
  const int graphs = FakeGpu::calls("cudaGraphInstantiate");
  const int allocations = FakeGpu::calls("cudaMalloc") + FakeGpu::calls("cudaHostAlloc");
  CHECK(gpu.generate(small.jobs()) == first);
  CHECK(FakeGpu::calls("cudaGraphInstantiate") == graphs);
  CHECK(FakeGpu::calls("cudaMalloc") + FakeGpu::calls("cudaHostAlloc") == allocations);
}

TEST_CASE("graphs that are captured after load are counted, on any number of ranks") {
  const SmallFolder small;
  for (const std::uint32_t ranks : {1U, 2U}) {
    CAPTURE(ranks);
    const FakeMachine machine;
    LoadedEngine gpu(make_engine, small.options(ranks));
    const int in_load = FakeGpu::calls("cudaGraphInstantiate");
    CHECK(in_load > 0);
    CHECK(gpu.statistic("graphs_captured") == 0);
    gpu.generate(small.jobs());
    const int late = (FakeGpu::calls("cudaGraphInstantiate") - in_load) / static_cast<int>(ranks);
    CHECK(late > 0);
    CHECK(gpu.statistic("graphs_captured") == late);
    gpu.reset();
    gpu.generate(small.jobs());
    CHECK(gpu.statistic("graphs_captured") == 0);
  }
}

TEST_CASE("a sequence alone has the bits that it has among others") {
  const SmallFolder small;
  const FakeMachine machine;
  LoadedEngine gpu(make_engine, small.options());
  const std::vector<Job> jobs = small.jobs();
  const std::vector<Tokens> together = gpu.generate(jobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) CHECK(gpu.generate(jobs[i]) == together[i]);
}

TEST_CASE("streams that run late, in pieces of any size, change nothing") {
  const SmallFolder small;
  std::vector<Tokens> expected;
  {
    const FakeMachine machine;
    LoadedEngine gpu(make_engine, small.options(2));
    expected = gpu.generate(small.jobs());
  }
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    const FakeMachine machine({.devices = 2, .schedule = Schedule::deferred, .seed = seed});
    LoadedEngine gpu(make_engine, small.options(2));
    CHECK(gpu.generate(small.jobs()) == expected);
  }
}

TEST_CASE("the host follows no pointer to device memory") {
  const SmallFolder small;
  const FakeMachine machine({.devices = 1, .guards_memory = true});
  LoadedEngine gpu(make_engine, small.options());
  CHECK(gpu.generate({random_prompt(3, small.model.vocab_size, 1), 3}).size() == 3);
}

TEST_CASE("a pool as large as the memory allows leaves room for all else") {
  const SmallFolder small;
  const FakeMachine machine({.devices = 1, .memory_bytes = std::size_t{256} << 20U});
  LoadedEngine gpu(make_engine, small.options()
                                    .integer("lmbench.max_requests", 100)
                                    .integer("lmbench.max_sequence_tokens", 4000));
  CHECK(gpu.generate(small.jobs()).size() == 3);
  CHECK(FakeGpu::allocated_bytes() > (std::size_t{230} << 20U));
}
