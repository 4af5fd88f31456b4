// The checkers find what they are there for, and nothing else.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "checker/kernels.hpp"
#include "simt_host.hpp"

using lmbench::test::run_kernel;

namespace {

// What is said of the kernel; empty: nothing.
std::string complaint(const std::string& name) {
  try {
    run_kernel(name);
  } catch (const simt::Error& e) {
    return e.what();
  }
  return {};
}

bool says(const std::string& name, const std::string& part) {
  const std::string text = complaint(name);
  INFO(name << ": " << text);
  const bool holds = text.find(part) != std::string::npos;
  CHECK(holds);
  return holds;
}

}  // namespace

TEST_CASE("kernels without a mistake are left in peace") {
  for (const char* const name :
       {"right_missing_barrier", "right_store_by_all", "right_plain_add", "right_missing_fence"}) {
    CAPTURE(name);
    CHECK(complaint(name).empty());
  }
}

TEST_CASE("threads that meet where they must not, or not at all, are told with their places") {
  says("divergent_barrier", "divergent __syncthreads: others wait at kernels.cu:");
  says("early_return", "returned");
  says("barrier_in_a_branch", "returned while others wait in __syncthreads at kernels.cu:");
  says("lane_not_in_mask", "the mask does not name the calling lane 16");
  says("absent_source", "reads lane 16, which does not take part");
  says("different_exchanges", "other lanes of the mask are in __shfl_xor_sync at kernels.cu:");
  says("lane_left_behind", "no thread of the block can go on (deadlock)");
  says("lane_left_behind", "62 threads wait in __shfl_xor_sync at kernels.cu:");
}

#ifdef SIMT_RACE_TEST
TEST_CASE("races are told with both places, whatever they do to the result") {
  says("missing_barrier", "read races with write, shared memory");
  says("store_by_all", "write races with write, global memory");
  says("plain_add", "races with");
  says("missing_fence", "read races with write, global memory");
}

TEST_CASE("memory that is not there, not written or not a kernel's is told") {
  says("shared_out_of_bounds", "out of bounds, shared memory + 256");
  says("global_out_of_bounds", "out of bounds, global memory");
  says("shared_uninitialised", "uninitialised memory is read, shared memory + 252");
  says("global_uninitialised", "uninitialised memory is read, global memory");
  says("host_memory", "the host's memory is accessed");
  says("misaligned", "misaligned access");
}

TEST_CASE("a report names the lines of the kernel") {
  const std::string text = complaint("missing_barrier");
  CHECK(text.find("kernels.cu:") != text.rfind("kernels.cu:"));
}
#endif
