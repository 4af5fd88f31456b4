// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/life_watch.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

using namespace turbomind;

namespace {

// The two ends of a connection, and what a watch said.
struct Watched {
  Watched() {
    const Listener listener("127.0.0.1", 0);
    near = connect_to("127.0.0.1", listener.port(), after_seconds(5));
    far = listener.accept(after_seconds(5));
  }

  std::unique_ptr<LifeWatch> watch(Socket line, const std::string& name, double silence_s) {
    std::vector<LifeWatch::Other> others;
    others.push_back({name, std::move(line)});
    return std::make_unique<LifeWatch>(std::move(others), silence_s, [this](const std::string& t) {
      const std::lock_guard lock(mutex);
      said += t;
      changed.notify_all();
    });
  }

  std::string wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !said.empty(); });
    return said;
  }

  Socket near;
  Socket far;
  std::mutex mutex;
  std::condition_variable changed;
  std::string said;
};

}  // namespace

TEST_CASE("an end that has gone is noticed at once") {
  Watched watched;
  const auto watch = watched.watch(std::move(watched.near), "rank 3", 1000);
  watched.far = Socket();
  CHECK(watched.wait() == "rank 3 has gone");
}

TEST_CASE("an end that only keeps the connection is silent") {
  Watched watched;
  const auto watch = watched.watch(std::move(watched.near), "rank 3", 0.5);
  CHECK(watched.wait() == "rank 3 has been silent for 0.5 s");
}

TEST_CASE("ends that watch each other are alive for longer than the limit of silence") {
  Watched watched;
  const auto one = watched.watch(std::move(watched.near), "rank 0", 0.6);
  {
    const auto other = watched.watch(std::move(watched.far), "rank 1", 0.6);
    std::unique_lock lock(watched.mutex);
    CHECK_FALSE(watched.changed.wait_for(lock, std::chrono::milliseconds(1500),
                                         [&] { return !watched.said.empty(); }));
  }
  CHECK(watched.wait() == "rank 0 has gone");
}
