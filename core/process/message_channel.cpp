// Framing over a stream socket.
// SPDX-License-Identifier: Apache-2.0
#include "process/message_channel.hpp"

#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "error.hpp"

namespace lmbench::process {
namespace {

constexpr std::size_t kHeaderBytes = sizeof(std::uint32_t);

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

bool MessageChannel::send(std::string_view message) {
  const auto size = static_cast<std::uint32_t>(message.size());
  std::string frame(kHeaderBytes, '\0');
  std::memcpy(frame.data(), &size, kHeaderBytes);
  frame += message;
  const std::scoped_lock lock(sending_);
  return send_all(fd_, frame);
}

std::optional<std::string> MessageChannel::receive() {
  while (true) {
    if (auto message = next()) return message;
    if (!read_more(0)) return std::nullopt;
  }
}

bool MessageChannel::fill() { return read_more(MSG_DONTWAIT); }

std::optional<std::string> MessageChannel::next() {
  if (received_.size() < kHeaderBytes) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, received_.data(), kHeaderBytes);
  if (size > kMaxMessageBytes) {
    throw Error(
        "the worker sent something that is no message (does the plugin write to file "
        "descriptor 3?)",
        ExitCode::engine_unusable);
  }
  if (received_.size() < kHeaderBytes + size) return std::nullopt;
  std::string message = received_.substr(kHeaderBytes, size);
  received_.erase(0, kHeaderBytes + size);
  return message;
}

bool MessageChannel::read_more(int flags) {
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), flags);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
}

}  // namespace lmbench::process
