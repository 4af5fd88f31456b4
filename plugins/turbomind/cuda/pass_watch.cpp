// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/pass_watch.hpp"

#include <lmbench/plugin.hpp>
#include <string>
#include <thread>

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/monotonic_clock.hpp"

namespace turbomind::cuda {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

// A look around costs a driver call, a microsecond or two: rare enough not to disturb the stamp.
constexpr std::uint32_t kSpinsBetweenLooks = 4096;

}  // namespace

void PassWatch::wait_for(std::uint64_t pass) const {
  wait([&] { return ring_.has(pass); }, pass);
}

void PassWatch::wait_for_stream() const {
  wait([&] { return cudaStreamQuery(stream_) != cudaErrorNotReady; }, 0);
  check(cudaStreamQuery(stream_), "cudaStreamQuery");
}

// Spins, as the stamp of a token is what this tool is about; only while work is under way.
template <class IsDone>
void PassWatch::wait(const IsDone& is_done, std::uint64_t pass) const {
  const std::uint64_t begin_ns = monotonic_now_ns();
  for (std::uint32_t spins = 0; !is_done(); ++spins) {
    if (spins % kSpinsBetweenLooks != 0) continue;
    look_around(monotonic_now_ns() - begin_ns, pass);
    std::this_thread::yield();  // where ranks are more than CPUs, another one needs this one
  }
}

void PassWatch::look_around(std::uint64_t waited_ns, std::uint64_t pass) const {
  const std::string step = pass == 0 ? "a prefill" : "step " + std::to_string(pass);
  if (is_aborted_) throw Error(Code::device_error, "told to stop during " + step);
  const cudaError_t error = cudaStreamQuery(stream_);
  if (error != cudaSuccess && error != cudaErrorNotReady) {
    throw Error(Code::device_error, error_text(error, "cudaStreamQuery") + " during " + step);
  }
  if (communicator_ != nullptr) {
    const std::string failure = communicator_->failure();
    if (!failure.empty()) throw Error(Code::device_error, failure + " during " + step);
  }
  if (waited_ns <= timeout_ns_) return;
  throw Error(Code::device_error, step + " has not ended after " +
                                      std::to_string(timeout_ns_ / 1'000'000) +
                                      " ms: the GPU, or another rank that it waits for, hangs");
}

}  // namespace turbomind::cuda
