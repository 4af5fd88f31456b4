// SPDX-License-Identifier: Apache-2.0
#include "process/message_channel.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "error.hpp"
#include "process/file_descriptor.hpp"

using lmbench::process::FileDescriptor;
using lmbench::process::MessageChannel;

namespace {

struct Pair {
  Pair() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
    left = FileDescriptor(fds[0]);
    right = FileDescriptor(fds[1]);
  }
  FileDescriptor left;
  FileDescriptor right;
};

}  // namespace

TEST_CASE("messages arrive whole and in order, empty and large ones too") {
  Pair pair;
  MessageChannel sender(pair.left.get());
  MessageChannel receiver(pair.right.get());
  const std::string large(3'000'000, 'x');
  std::jthread sending([&] {
    sender.send("one");
    sender.send("");
    sender.send(large);
  });
  CHECK(receiver.receive() == "one");
  CHECK(receiver.receive() == "");
  CHECK(receiver.receive() == large);
}

TEST_CASE("two threads that send at once do not mix their messages") {
  Pair pair;
  MessageChannel sender(pair.left.get());
  MessageChannel receiver(pair.right.get());
  constexpr int kEach = 200;
  const auto send_many = [&](char letter) {
    for (int i = 0; i < kEach; ++i) sender.send(std::string(1000, letter));
  };
  std::jthread a(send_many, 'a');
  std::jthread b(send_many, 'b');
  for (int i = 0; i < 2 * kEach; ++i) {
    const auto message = receiver.receive();
    REQUIRE(message);
    CHECK(*message == std::string(1000, message->front()));
  }
}

TEST_CASE("a message that has arrived in part is not there yet") {
  Pair pair;
  MessageChannel receiver(pair.right.get());
  REQUIRE(::write(pair.left.get(), "\3\0\0\0ab", 6) == 6);
  CHECK(receiver.fill());
  CHECK_FALSE(receiver.next());
  REQUIRE(::write(pair.left.get(), "c", 1) == 1);
  CHECK(receiver.fill());
  CHECK(receiver.next() == "abc");
  CHECK(receiver.fill());
  CHECK_FALSE(receiver.next());
}

TEST_CASE("the end of the other side is seen by reader and sender") {
  Pair pair;
  MessageChannel receiver(pair.right.get());
  pair.left.close();
  CHECK_FALSE(receiver.receive());
  CHECK_FALSE(receiver.fill());
  CHECK_FALSE(receiver.send("anyone there?"));
}

TEST_CASE("bytes that are no message are refused instead of waited for") {
  Pair pair;
  MessageChannel receiver(pair.right.get());
  REQUIRE(::write(pair.left.get(), "\xff\xff\xff\xff", 4) == 4);
  CHECK_THROWS_AS(receiver.receive(), lmbench::Error);
}
