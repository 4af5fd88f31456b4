// SPDX-License-Identifier: Apache-2.0
#include "process/heart.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <future>

#include "process/file_descriptor.hpp"

using namespace lmbench::process;

TEST_CASE("a heart tells what it sees until the other side is gone") {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
  FileDescriptor ours(fds[0]);
  const FileDescriptor theirs(fds[1]);
  MessageChannel reader(ours.get());
  MessageChannel writer(theirs.get());
  std::promise<void> lost;
  const Heart heart(
      writer,
      [] {
        Heartbeat heartbeat;
        heartbeat.tokens = 7;
        return heartbeat;
      },
      [&] { lost.set_value(); });
  const auto message = reader.receive();
  REQUIRE(message);
  CHECK(std::get<Heartbeat>(decode_reply(*message)).tokens == 7);
  ours.close();
  lost.get_future().wait();
}
