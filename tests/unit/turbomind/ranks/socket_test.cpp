// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/socket.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <thread>

#include "turbomind/ranks/remote_ranks.hpp"

using namespace turbomind;
using lmbench::sdk::Error;

namespace {

std::string refusal(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

struct Pair {
  Pair() {
    const Listener listener("127.0.0.1", 0);
    near = connect_to("127.0.0.1", listener.port(), after_seconds(5));
    far = listener.accept(after_seconds(5));
  }
  Socket near;
  Socket far;
};

}  // namespace

TEST_CASE("messages of any size arrive whole, in order") {
  const Pair pair;
  std::thread sender([&] {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'000}}) {
      const std::vector<std::byte> bytes(size, std::byte{7});
      send_message(pair.near, static_cast<std::uint32_t>(size % 1000), bytes, after_seconds(10));
    }
  });
  Message message;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'000}}) {
    receive_message(pair.far, message, 4'000'000, after_seconds(10));
    CHECK(message.kind == size % 1000);
    CHECK(message.bytes == std::vector<std::byte>(size, std::byte{7}));
  }
  sender.join();
}

TEST_CASE("what is no message, too long, late or gone is an error") {
  Pair pair;
  Message message;
  CHECK(holds(refusal([&] { receive_message(pair.far, message, 10, after_seconds(0.05)); }),
              "nothing came in time"));
  send_message(pair.near, 1, std::vector<std::byte>(11), after_seconds(1));
  CHECK(holds(refusal([&] { receive_message(pair.far, message, 10, after_seconds(1)); }),
              "a message of 11 bytes came where 10 are the most"));
  Pair other;
  other.near.send(std::vector<std::byte>(64, std::byte{'G'}), after_seconds(1));
  CHECK(holds(refusal([&] { receive_message(other.far, message, 10, after_seconds(1)); }),
              "what came is no message of a rank"));
  other.near = Socket();
  Pair gone;
  gone.near = Socket();
  CHECK(holds(refusal([&] { receive_message(gone.far, message, 10, after_seconds(1)); }),
              "the other side has closed the connection"));
}

TEST_CASE("nobody there is an error that says where") {
  std::uint16_t port = 0;
  {
    const Listener listener("127.0.0.1", 0);
    port = listener.port();
  }
  CHECK(holds(refusal([&] { connect_to("127.0.0.1", port, after_seconds(0.1)); }),
              "cannot connect to 127.0.0.1:" + std::to_string(port)));
  const Listener taken("127.0.0.1", 0);
  CHECK(holds(refusal([&] { const Listener again("127.0.0.1", taken.port()); }),
              "cannot listen on 127.0.0.1:" + std::to_string(taken.port())));
}

TEST_CASE("strangers at the port do not disturb a meeting, and ranks that do not come end it") {
  RemoteRanks::Options options;
  options.ranks = 3;
  options.listen_host = "127.0.0.1";
  options.connect_timeout_s = 0.5;
  const std::string text = refusal([&] {
    const RemoteRanks remote(options, [&](const Meeting& meeting) {
      const auto say = [&](const Hello& hello) {
        const Socket socket = connect_to("127.0.0.1", meeting.port, after_seconds(1));
        send_message(socket, kHello, serialise(hello), after_seconds(1));
      };
      const Socket garbage = connect_to("127.0.0.1", meeting.port, after_seconds(1));
      garbage.send(std::vector<std::byte>(100, std::byte{'x'}), after_seconds(1));
      say({rank_build(), "not the secret", 1, Line::work});
      say({rank_build(), meeting.secret, 9, Line::work});
      say({rank_build(), meeting.secret, 1, Line::work});
      say({rank_build(), meeting.secret, 1, Line::life});
    });
  });
  CHECK(holds(text, "1 of 2 rank processes did not come within 0.5 s"));
}

TEST_CASE("a rank of another build is refused") {
  RemoteRanks::Options options;
  options.listen_host = "127.0.0.1";
  const std::string text = refusal([&] {
    const RemoteRanks remote(options, [&](const Meeting& meeting) {
      const Socket socket = connect_to("127.0.0.1", meeting.port, after_seconds(1));
      send_message(socket, kHello, serialise(Hello{"other", meeting.secret, 1, Line::work}),
                   after_seconds(1));
    });
  });
  CHECK(holds(text, "rank 1 is of build other, this one of "));
}
