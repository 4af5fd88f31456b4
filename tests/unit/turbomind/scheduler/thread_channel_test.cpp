// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "turbomind/scheduler/rank_channel.hpp"

using turbomind::make_thread_channel;
using Bytes = std::vector<std::byte>;

TEST_CASE("a thread channel delivers in order, and what was queued before it closed") {
  const auto channel = make_thread_channel();
  std::vector<Bytes> received;
  std::thread rank([&] {
    Bytes plan;
    while (channel->receive(plan)) received.push_back(plan);
  });
  for (unsigned i = 0; i < 100; ++i) channel->send(Bytes(i, static_cast<std::byte>(i)));
  channel->close();
  rank.join();
  REQUIRE(received.size() == 100);
  for (unsigned i = 0; i < 100; ++i) CHECK(received[i] == Bytes(i, static_cast<std::byte>(i)));
}

TEST_CASE("a closed thread channel takes nothing more") {
  const auto channel = make_thread_channel();
  channel->close();
  channel->send(Bytes(3));
  Bytes plan;
  CHECK_FALSE(channel->receive(plan));
}
