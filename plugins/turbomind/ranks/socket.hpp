// TCP between ranks: whole messages, deadlines instead of hangs, and errors as sentences.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <lmbench/plugin.hpp>
#include <span>
#include <string>
#include <vector>

namespace turbomind {

using Deadline = std::chrono::steady_clock::time_point;

// Where nothing but a watch over the other side (life_watch.hpp) ends the wait.
constexpr double kForeverS = 1e7;

inline Deadline after_seconds(double seconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(
             std::chrono::duration<double>(seconds));
}

// The connection is no more. Why is better known to the watch over the other side (life_watch.hpp).
class [[gnu::visibility("hidden")]] LineBroken : public lmbench::sdk::Error{
  public : explicit LineBroken(const std::string& text) : Error(lmbench::Code::device_error, text){}
};

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  bool is_open() const noexcept { return fd_ >= 0; }
  int fd() const noexcept { return fd_; }

  // All of it. Throws LineBroken; Error(device_error) when the deadline has passed.
  void send(std::span<const std::byte> bytes, Deadline deadline) const;
  void receive(std::span<std::byte> bytes, Deadline deadline) const;

  // [any] Wakes who waits here, on both sides; nothing goes through afterwards.
  void shut_down() const noexcept;
 private:
  int fd_ = -1;
};

class Listener {
 public:
  // port 0: any that is free. Throws Error(failed_precondition) that names host and port.
  Listener(const std::string& host, std::uint16_t port);

  std::uint16_t port() const noexcept { return port_; }

  // The next connection. Throws Error(device_error) at the deadline.
  Socket accept(Deadline deadline) const;
 private:
  Socket socket_;
  std::uint16_t port_ = 0;
};

// Tries until someone listens there, or the deadline has passed: then throws Error(device_error).
Socket connect_to(const std::string& host, std::uint16_t port, Deadline deadline);

// A message: its kind and its bytes.
struct Message {
  std::uint32_t kind = 0;
  std::vector<std::byte> bytes;
};

void send_message(const Socket& socket, std::uint32_t kind, std::span<const std::byte> bytes,
                  Deadline deadline);

// Throws Error(device_error) also for what is no message, or longer than most_bytes. `message` keeps
// its capacity.
void receive_message(const Socket& socket, Message& message, std::size_t most_bytes,
                     Deadline deadline);

}  // namespace turbomind
