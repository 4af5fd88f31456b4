// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/socket_communicator.hpp"

#include <algorithm>
#include <cstring>
#include <lmbench/plugin.hpp>
#include <string>
#include <utility>

#include "turbomind/ranks/rank_protocol.hpp"

namespace turbomind {
namespace {

class SocketCommunicator final : public Communicator {
 public:
  SocketCommunicator(const SocketCommunicatorOptions& options, std::vector<const Socket*> lines)
      : options_(options), lines_(std::move(lines)) {}

  std::uint32_t rank() const noexcept override { return options_.rank; }
  std::uint32_t ranks() const noexcept override { return options_.ranks; }

  void all_reduce(std::span<float> data) override {
    if (rank() != 0) {
      send(0, std::as_bytes(data));
      receive(0, std::as_writable_bytes(data));
      return;
    }
    for (std::uint32_t other = 1; other < ranks(); ++other) {
      part_.resize(data.size());
      receive(other, std::as_writable_bytes(std::span(part_)));
      for (std::size_t i = 0; i < data.size(); ++i) data[i] += part_[i];
    }
    for (std::uint32_t other = 1; other < ranks(); ++other) send(other, std::as_bytes(data));
  }

  void all_gather(std::span<const std::byte> data, std::span<std::byte> out) override {
    if (rank() != 0) {
      send(0, data);
      receive(0, out);
      return;
    }
    std::copy(data.begin(), data.end(), out.begin());
    for (std::uint32_t other = 1; other < ranks(); ++other) {
      receive(other, out.subspan(other * data.size(), data.size()));
    }
    for (std::uint32_t other = 1; other < ranks(); ++other) send(other, out);
  }

  void abort() noexcept override {
    for (const Socket* const line : lines_) line->shut_down();
  }
 private:
  const Socket& line_to(std::uint32_t other) const { return *lines_[other == 0 ? 0 : other - 1]; }

  void send(std::uint32_t other, std::span<const std::byte> bytes) const {
    send_message(line_to(other), kCollective, bytes, after_seconds(options_.timeout_s));
  }

  void receive(std::uint32_t other, std::span<std::byte> bytes) {
    expect_message(line_to(other), kCollective, other, message_, after_seconds(options_.timeout_s));
    if (message_.bytes.size() != bytes.size()) {
      throw lmbench::sdk::Error(lmbench::Code::internal,
                                "rank " + std::to_string(other) + " sent " +
                                    std::to_string(message_.bytes.size()) + " bytes, not " +
                                    std::to_string(bytes.size()));
    }
    std::memcpy(bytes.data(), message_.bytes.data(), bytes.size());
  }

  SocketCommunicatorOptions options_;
  std::vector<const Socket*> lines_;
  std::vector<float> part_;
  Message message_;
};

}  // namespace

std::unique_ptr<Communicator> make_socket_communicator(const SocketCommunicatorOptions& options,
                                                       std::vector<const Socket*> lines) {
  return std::make_unique<SocketCommunicator>(options, std::move(lines));
}

}  // namespace turbomind
