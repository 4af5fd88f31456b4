// Whether the processes on the other ends of some connections live: each side sends a byte every fifth
// of a second, from a thread of its own, so that a long step is no silence, and a stopped process is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "turbomind/ranks/socket.hpp"

namespace turbomind {

class LifeWatch {
 public:
  struct Other {
    std::string name;  // "rank 2"
    Socket line;
  };

  // on_loss is called once, from the watching thread, with a sentence about the first that is lost: "rank
  // 2 has gone", or "rank 2 has been silent for 5 s".
  LifeWatch(std::vector<Other> others, double silence_s,
            std::function<void(const std::string&)> on_loss);
  ~LifeWatch();
  LifeWatch(const LifeWatch&) = delete;
  LifeWatch& operator=(const LifeWatch&) = delete;
 private:
  void watch();
  std::string look();  // empty: all live

  std::vector<Other> others_;
  std::vector<Deadline> silent_since_;
  double silence_s_;
  std::function<void(const std::string&)> on_loss_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace turbomind
