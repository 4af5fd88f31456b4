// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/socket_communicator.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <thread>

#include "turbomind/thread_communicator.hpp"

using namespace turbomind;

namespace {

// Ranks of one process that talk through sockets.
struct World {
  explicit World(std::uint32_t ranks) {
    const Listener listener("127.0.0.1", 0);
    for (std::uint32_t rank = 1; rank < ranks; ++rank) {
      far.push_back(connect_to("127.0.0.1", listener.port(), after_seconds(5)));
      near.push_back(listener.accept(after_seconds(5)));
    }
    std::vector<const Socket*> lines;
    for (const Socket& socket : near) lines.push_back(&socket);
    communicators.push_back(std::make_unique<SocketCommunicator>(0, ranks, lines));
    for (std::uint32_t rank = 1; rank < ranks; ++rank) {
      communicators.push_back(std::make_unique<SocketCommunicator>(
          rank, ranks, std::vector<const Socket*>{&far[rank - 1]}));
    }
  }

  std::vector<Socket> near;
  std::vector<Socket> far;
  std::vector<std::unique_ptr<Communicator>> communicators;
};

// body(communicator) on a thread for each rank.
template <class Body>
void on_all(const std::vector<std::unique_ptr<Communicator>>& communicators, Body body) {
  std::vector<std::thread> threads;
  for (const auto& communicator : communicators) {
    threads.emplace_back([&body, &communicator] { body(*communicator); });
  }
  for (std::thread& thread : threads) thread.join();
}

std::vector<float> values_of(std::uint32_t rank) {
  std::vector<float> values;
  for (std::uint32_t i = 0; i < 1001; ++i) {
    values.push_back(static_cast<float>(i * 37 % 101 + 1) / static_cast<float>(rank * 7 + 3));
  }
  return values;
}

std::vector<std::vector<float>> reduced(
    const std::vector<std::unique_ptr<Communicator>>& communicators) {
  std::vector<std::vector<float>> results(communicators.size());
  on_all(communicators, [&](Communicator& c) {
    results[c.rank()] = values_of(c.rank());
    c.all_reduce(results[c.rank()]);
  });
  return results;
}

}  // namespace

TEST_CASE("sums over sockets have the bits of sums between threads, on every rank") {
  for (const std::uint32_t ranks : {2U, 3U, 4U}) {
    const World world(ranks);
    const auto of_threads = reduced(make_thread_communicators(ranks));
    const auto of_sockets = reduced(world.communicators);
    for (const std::vector<float>& result : of_sockets) CHECK(result == of_threads[0]);
  }
}

TEST_CASE("data is gathered in the order of the ranks") {
  const World world(3);
  on_all(world.communicators, [&](Communicator& c) {
    const std::vector<std::byte> own(5, static_cast<std::byte>(c.rank() + 1));
    std::vector<std::byte> all(15);
    c.all_gather(own, all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(static_cast<std::size_t>(all[i]) == i / 5 + 1);
    }
  });
}

TEST_CASE("a rank that does not come, or that is told to stop, is an error on the others") {
  const World silent(2);
  static_cast<SocketCommunicator&>(*silent.communicators[0]).limit(0.1);
  std::vector<float> data(10);
  CHECK_THROWS_WITH_AS(silent.communicators[0]->all_reduce(data),
                       "rank 1: receiving: nothing came in time", lmbench::sdk::Error);
  const World aborted(2);
  std::thread other([&] { aborted.communicators[1]->abort(); });
  CHECK_THROWS_AS(aborted.communicators[0]->all_reduce(data), lmbench::sdk::Error);
  other.join();
}
