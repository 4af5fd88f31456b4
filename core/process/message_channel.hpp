// Whole messages over one end of a socket pair: a length (4 bytes, little endian) and that many
// bytes of text. Knows nothing of what the text says; protocol.hpp does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace lmbench::process {

constexpr std::size_t kMaxMessageBytes = std::size_t{64} << 20;

class MessageChannel {
 public:
  // Borrows fd, which must stay open for the life of the channel.
  explicit MessageChannel(int fd) : fd_(fd) {}

  // [any] Several threads may send at once. False when the other side is gone.
  bool send(std::string_view message);

  // One reader. Waits for a message; empty when the other side is gone. Throws Error when what
  // came is no message.
  std::optional<std::string> receive();

  // One reader. Reads what is there without waiting; false when the other side is gone.
  bool fill();
  // A whole message among what fill() has read.
  std::optional<std::string> next();
 private:
  bool read_more(int flags);

  int fd_;
  std::mutex sending_;
  std::string received_;
};

}  // namespace lmbench::process
