// Launches of kernels: into a stream of a fake device, or run at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <utility>

#include "index.hpp"

struct CUstream_st;

namespace simt {

using Stream = CUstream_st*;

// A kernel did what no kernel may do.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Launch {
  dim3 grid;
  dim3 block;
  Stream stream = nullptr;
  bool is_dependent = false;
};

// Who runs what is launched; none: it runs at once.
using Submitter = void (*)(Stream stream, std::function<void()> grid);
void set_submitter(Submitter submitter);

// A kernel with its arguments, which were copied as kernel parameters are. A kernel may read them.
struct BoundKernel {
  void (*call)(const void* arguments);
  const void* arguments;
  std::size_t argument_bytes;
};

// Runs all thread blocks. Throws Error: what a kernel did wrong, and where.
void run_grid(const Launch& launch, const BoundKernel& kernel);
void submit(Stream stream, std::function<void()> grid);

template <class... Parameters, class... Arguments>
void launch(const Launch& launch, void (*kernel)(Parameters...), Arguments&&... arguments) {
  const auto bound = [kernel, ... copied = Parameters(std::forward<Arguments>(arguments))] {
    kernel(copied...);
  };
  submit(launch.stream, [launch, bound] {
    const auto call = [](const void* it) { (*static_cast<decltype(&bound)>(it))(); };
    run_grid(launch, {call, &bound, sizeof bound});
  });
}

}  // namespace simt
