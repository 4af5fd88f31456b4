// A team of threads that runs one function at a time, each with its own index; the caller is number
// 0. Inside, the threads meet at a light barrier. Between runs the others sleep.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "turbomind/step_barrier.hpp"

namespace turbomind {

class ThreadTeam {
 public:
  explicit ThreadTeam(std::uint32_t threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::uint32_t size() const noexcept { return size_; }

  // Calls body(index) once on each thread and returns when all have; one caller at a time. When a
  // body throws, the others are released from their barriers, the first exception comes out here,
  // and the team is of no further use.
  template <class Body>
  void run(Body&& body) {
    run_task({[](void* context, std::uint32_t index) {
                (*static_cast<std::remove_reference_t<Body>*>(context))(index);
              },
              &body});
  }

  // [inside run()] Returns when all threads of the team are here. Throws when one of them has
  // failed.
  void meet();
 private:
  struct Task {
    void (*call)(void* context, std::uint32_t index) = nullptr;
    void* context = nullptr;
  };
  struct Released {};  // thrown by meet(): somebody else has the reason

  void run_task(Task task);
  void run_share(std::uint32_t index) noexcept;
  void serve(std::uint32_t index);
  void stop() noexcept;

  const std::uint32_t size_;
  Task task_;                 // written by the caller before it starts a run
  bool is_stopping_ = false;  // likewise
  StepBarrier barrier_;       // of meet()
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  alignas(64) std::atomic<std::uint32_t> run_{0};      // counts runs; a change starts one
  alignas(64) std::atomic<std::uint32_t> working_{0};  // threads other than the caller's
  std::vector<std::thread> threads_;
};

}  // namespace turbomind
