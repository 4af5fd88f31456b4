// Ends communicators of NCCL, each on a thread of its own: ncclCommAbort stops what runs at once, but returns
// only when the graphs that captured collectives are gone, which whoever aborts may be the one to destroy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace turbomind::cuda {

// Shared by the ranks of a process, and by what outlives their executors: the last to go waits for the ends.
class NcclEndings {
 public:
  NcclEndings() = default;
  ~NcclEndings() {
    for (std::thread& thread : threads_) thread.join();
  }
  NcclEndings(const NcclEndings&) = delete;
  NcclEndings& operator=(const NcclEndings&) = delete;

  // [any] Where no thread can be had, it is run here: what hangs in the streams must end.
  void start(const std::function<void()>& ending) noexcept {
    try {
      const std::lock_guard lock(mutex_);
      threads_.emplace_back(ending);
    } catch (const std::exception&) {
      ending();
    }
  }
 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace turbomind::cuda
