// The real engine with the CUDA backend on fake GPUs, and small models that its kernels can run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fake_cublas_lt.hpp"
#include "fake_gpu.hpp"
#include "fake_nccl.hpp"
#include "loaded_engine.hpp"
#include "temporary_folder.hpp"
#include "turbomind/backend.hpp"

namespace turbomind::test {

using lmbench::test::FakeCublasLt;
using lmbench::test::FakeGpu;
using lmbench::test::FakeNccl;
using lmbench::test::Schedule;
using lmbench::test::TemporaryFolder;

// Sizes that no tile divides: 40 FFN features, a prime vocabulary.
inline SmallModel gpu_model(std::uint32_t kv_heads = 4) {
  SmallModel model;
  model.heads = 4;
  model.kv_heads = kv_heads;
  model.head_size = 64;
  model.inter_size = 40;
  model.vocab_size = 101;
  model.type = SmallType::fp16;
  return model;
}

// Fresh GPUs, which must be left as they were found.
class FakeMachine {
 public:
  explicit FakeMachine(const FakeGpu::Options& options = {.devices = 4}) {
    FakeGpu::reset(options);
    FakeNccl::reset();
    FakeCublasLt::reset();
  }
  ~FakeMachine() {
    for (const std::string& complaint : FakeGpu::complaints()) CHECK_MESSAGE(false, complaint);
  }
};

inline lmbench::IGenerationEngine* make_engine(lmbench::IHost& host) {
  return new Engine(&host, select_backend);
}

// A step takes long here, and longer under a sanitizer: only tests of its limit have one.
inline Options on_gpu(Options options, double step_timeout_s = 1000) {
  return options.text("device", "cuda").real("step_timeout_s", step_timeout_s);
}

// What load() said.
inline LoadOutcome outcome_of_gpu_load(const Options& options) {
  ClockHost host;
  TestSink sink;
  const EnginePtr engine(new Engine(&host, select_backend));
  TestError error;
  const lmbench::Code code = engine->load(options.view(), &sink, error.get());
  return {code, error.text()};
}

}  // namespace turbomind::test
