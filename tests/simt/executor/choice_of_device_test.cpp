// Which device an engine takes, and what it says where it cannot.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "gpu_engine.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::Code;

namespace {

struct Written {
  explicit Written(const SmallModel& m) { lmbench::test::write_small_model(m, folder.path()); }
  Options options() const { return options_for(folder.path()); }
  TemporaryFolder folder;
};

std::string note_for(const Options& options) {
  return select_backend(read_options(options.view())).note;
}

}  // namespace

TEST_CASE("without a driver cuda is refused, and auto runs on the CPU and says why") {
  const Written small(gpu_model());
  const FakeMachine machine({.devices = 0});
  const LoadOutcome outcome = outcome_of_gpu_load(on_gpu(small.options()));
  CHECK(outcome.is(Code::unsupported,
                   "no usable CUDA device: this machine has no NVIDIA driver (libcuda.so.1); say "
                   "device = \"cpu\" to run on the CPU"));
  Options automatic = small.options();
  automatic.text("device", "auto");
  CHECK(note_for(automatic) ==
        "device = \"auto\": running on the CPU: no usable CUDA device: this machine has no NVIDIA "
        "driver (libcuda.so.1)");
  CHECK(outcome_of_gpu_load(automatic).code == Code::ok);
}

TEST_CASE("auto takes the GPU where there is one") {
  const Written small(gpu_model());
  const FakeMachine machine({.devices = 2});
  Options automatic = small.options();
  automatic.text("device", "auto");
  CHECK(note_for(automatic) == "device = \"auto\": running on cuda (1 x fake GPU)");
  LoadedEngine gpu(make_engine, automatic);
  CHECK(FakeGpu::allocated_bytes() > 0);
}

TEST_CASE("more ranks than GPUs are refused") {
  const Written small(gpu_model());
  const FakeMachine machine({.devices = 2});
  CHECK(outcome_of_gpu_load(on_gpu(small.options().integer("tp", 4)))
            .is(Code::unsupported, "tp is 4, but only 2 can be used here"));
}

TEST_CASE("what the kernels cannot do is refused before a weight is read") {
  const FakeMachine machine({.devices = 1});
  SmallModel narrow = gpu_model();
  narrow.head_size = 8;
  CHECK(outcome_of_gpu_load(on_gpu(Written(narrow).options()))
            .is(Code::unsupported, "heads of 64 and 128 elements, not of 8"));
  SmallModel single = gpu_model();
  single.type = SmallType::fp32;
  CHECK(outcome_of_gpu_load(on_gpu(Written(single).options()))
            .is(Code::unsupported, "set engine option dtype to \"fp16\" or \"bf16\""));
}
