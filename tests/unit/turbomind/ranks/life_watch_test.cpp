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
    return std::make_unique<LifeWatch>(std::move(others), silence_s, [this](const RankFailure& f) {
      const std::lock_guard lock(mutex);
      said += f.text;
      code = f.code;
      changed.notify_all();
    });
  }

  // What the other end hears is not looked at.
  std::unique_ptr<LifeWatch> far_end() {
    std::vector<LifeWatch::Other> others;
    others.push_back({"rank 0", std::move(far)});
    return std::make_unique<LifeWatch>(std::move(others), 1000, [](const RankFailure&) {});
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
  lmbench::Code code = lmbench::Code::ok;
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

TEST_CASE("an end that says why it fails is heard, between beats and before it has gone") {
  Watched watched;
  const auto one = watched.watch(std::move(watched.near), "rank 3", 1000);
  const auto other = watched.far_end();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // some beats
  other->say_why({lmbench::Code::out_of_memory, "no room"});
  other->hang_up();
  CHECK(watched.wait() == "rank 3: no room");
  CHECK(watched.code == lmbench::Code::out_of_memory);
}

TEST_CASE("an end that hangs up has gone") {
  Watched watched;
  const auto one = watched.watch(std::move(watched.near), "rank 3", 1000);
  const auto other = watched.far_end();
  other->hang_up();
  CHECK(watched.wait() == "rank 3 has gone");
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
