// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <lmbench/plugin.hpp>
#include <memory>
#include <thread>
#include <utility>

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::uint32_t kMagic = 0x314B5254;  // "TRK1"
constexpr auto kRetryAfter = std::chrono::milliseconds(50);

struct Header {
  std::uint32_t magic;
  std::uint32_t kind;
  std::uint64_t bytes;
};

[[noreturn]] void fail(const std::string& what) { throw Error(Code::device_error, what); }

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

// Returns when the socket is ready; throws at the deadline.
void wait_for(int fd, short events, Deadline deadline, const char* what) {
  while (true) {
    pollfd waiting{fd, events, 0};
    const int count = poll(&waiting, 1, milliseconds_until(deadline));
    if (count > 0) return;
    if (count < 0 && errno != EINTR) fail(std::string(what) + ": " + std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline) {
      fail(std::string(what) + ": nothing came in time");
    }
  }
}

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Addresses addresses_of(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(),
                                &hints, &found);
  if (error != 0) {
    throw Error(Code::failed_precondition,
                "the host '" + host + "' is not known: " + gai_strerror(error));
  }
  return {found, freeaddrinfo};
}

// Small messages go at once.
void set_prompt(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::string place(const std::string& host, std::uint16_t port) {
  return host + ":" + std::to_string(port);
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void Socket::send(std::span<const std::byte> bytes, Deadline deadline) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(fd_, POLLOUT, deadline, "sending");
    } else if (errno != EINTR) {
      throw LineBroken(std::string("sending: ") + std::strerror(errno));
    }
  }
}

void Socket::receive(std::span<std::byte> bytes, Deadline deadline) const {
  while (!bytes.empty()) {
    const ssize_t got = recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    } else if (got == 0) {
      throw LineBroken("the other side has closed the connection");
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(fd_, POLLIN, deadline, "receiving");
    } else if (errno != EINTR) {
      throw LineBroken(std::string("receiving: ") + std::strerror(errno));
    }
  }
}

void Socket::shut_down() const noexcept {
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

Listener::Listener(const std::string& host, std::uint16_t port) {
  const Addresses addresses = addresses_of(host, port, AI_PASSIVE);
  std::string why = "no address";
  for (const addrinfo* a = addresses.get(); a != nullptr; a = a->ai_next) {
    Socket socket(::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol));
    const int on = 1;
    if (socket.is_open()) setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (socket.is_open() && bind(socket.fd(), a->ai_addr, a->ai_addrlen) == 0 &&
        listen(socket.fd(), SOMAXCONN) == 0) {
      sockaddr_storage own{};
      socklen_t size = sizeof own;
      getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&own), &size);
      port_ = ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(own).sin6_port
                                              : reinterpret_cast<sockaddr_in&>(own).sin_port);
      socket_ = std::move(socket);
      return;
    }
    why = std::strerror(errno);
  }
  throw Error(Code::failed_precondition, "cannot listen on " + place(host, port) + ": " + why);
}

Socket Listener::accept(Deadline deadline) const {
  while (true) {
    wait_for(socket_.fd(), POLLIN, deadline, "waiting for ranks");
    Socket accepted(accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted.is_open()) continue;  // it went away again
    set_prompt(accepted.fd());
    return accepted;
  }
}

Socket connect_to(const std::string& host, std::uint16_t port, Deadline deadline) {
  std::string why;
  do {
    const Addresses addresses = addresses_of(host, port, 0);
    for (const addrinfo* a = addresses.get(); a != nullptr; a = a->ai_next) {
      Socket socket(::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol));
      if (socket.is_open() && connect(socket.fd(), a->ai_addr, a->ai_addrlen) == 0) {
        set_prompt(socket.fd());
        return socket;
      }
      why = std::strerror(errno);
    }
    std::this_thread::sleep_for(kRetryAfter);
  } while (std::chrono::steady_clock::now() < deadline);
  fail("cannot connect to " + place(host, port) + ": " + why);
}

void send_message(const Socket& socket, std::uint32_t kind, std::span<const std::byte> bytes,
                  Deadline deadline) {
  const Header header{kMagic, kind, bytes.size()};
  socket.send(std::as_bytes(std::span(&header, 1)), deadline);
  socket.send(bytes, deadline);
}

void receive_message(const Socket& socket, Message& message, std::size_t most_bytes,
                     Deadline deadline) {
  Header header{};
  socket.receive(std::as_writable_bytes(std::span(&header, 1)), deadline);
  if (header.magic != kMagic) fail("what came is no message of a rank");
  if (header.bytes > most_bytes) {
    fail("a message of " + std::to_string(header.bytes) + " bytes came where " +
         std::to_string(most_bytes) + " are the most");
  }
  message.kind = header.kind;
  message.bytes.resize(header.bytes);
  socket.receive(message.bytes, deadline);
}

}  // namespace turbomind
