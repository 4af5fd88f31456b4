// Whether the processes on the other ends of some connections live: each side sends a byte every fifth
// of a second, from a thread of its own, so that a long step is no silence, and a stopped process is.
// A side that fails says why on the same connection, as nobody may be reading any other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "turbomind/ranks/rank_protocol.hpp"
#include "turbomind/ranks/socket.hpp"

namespace turbomind {

class LifeWatch {
 public:
  struct Other {
    std::string name;  // "rank 2"
    Socket line;
  };

  // on_loss is called once, from the watching thread, about the first that is lost: "rank 2 has gone",
  // "rank 2 has been silent for 5 s", or what it said itself.
  LifeWatch(std::vector<Other> others, double silence_s,
            std::function<void(const RankFailure&)> on_loss);
  ~LifeWatch();
  LifeWatch(const LifeWatch&) = delete;
  LifeWatch& operator=(const LifeWatch&) = delete;

  // [any]
  void limit(double silence_s) noexcept { silence_s_ = silence_s; }

  // [any] The others hear why this side ends; their watches report it as a loss.
  void say_why(const RankFailure& failure) noexcept;

  // [any] The others find that this side has gone.
  void hang_up() noexcept;
 private:
  void watch();
  void beat();
  std::optional<RankFailure> look();
  std::optional<RankFailure> listen_to(std::size_t other);
  std::optional<RankFailure> find_silent() const;

  std::vector<Other> others_;
  std::vector<Deadline> silent_since_;
  std::atomic<double> silence_s_;
  std::function<void(const RankFailure&)> on_loss_;
  std::mutex sending_;  // last words are not to be cut by a beat
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace turbomind
