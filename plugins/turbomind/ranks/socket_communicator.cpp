// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/socket_communicator.hpp"

#include <algorithm>
#include <cstring>
#include <lmbench/plugin.hpp>
#include <string>
#include <utility>

#include "turbomind/ranks/rank_protocol.hpp"

namespace turbomind {

SocketCommunicator::SocketCommunicator(std::uint32_t rank, std::uint32_t ranks,
                                       std::vector<const Socket*> lines)
    : rank_(rank), ranks_(ranks), lines_(std::move(lines)) {}

void SocketCommunicator::all_reduce(std::span<float> data) {
  const std::span<const std::byte> bytes = std::as_bytes(data);
  if (rank_ != 0) {
    send(0, bytes);
    std::memcpy(data.data(), receive(0, bytes.size()).data(), bytes.size());
    return;
  }
  for (std::uint32_t other = 1; other < ranks_; ++other) {
    const std::byte* const part = receive(other, bytes.size()).data();
    for (std::size_t i = 0; i < data.size(); ++i) {
      float value;
      std::memcpy(&value, part + i * sizeof value, sizeof value);
      data[i] += value;
    }
  }
  for (std::uint32_t other = 1; other < ranks_; ++other) send(other, bytes);
}

void SocketCommunicator::all_gather(std::span<const std::byte> data, std::span<std::byte> out) {
  if (rank_ != 0) {
    send(0, data);
    std::memcpy(out.data(), receive(0, out.size()).data(), out.size());
    return;
  }
  std::copy(data.begin(), data.end(), out.begin());
  for (std::uint32_t other = 1; other < ranks_; ++other) {
    std::memcpy(out.data() + other * data.size(), receive(other, data.size()).data(), data.size());
  }
  for (std::uint32_t other = 1; other < ranks_; ++other) send(other, out);
}

void SocketCommunicator::abort() noexcept {
  for (const Socket* const line : lines_) line->shut_down();
}

const Socket& SocketCommunicator::line_to(std::uint32_t other) const {
  return *lines_[other == 0 ? 0 : other - 1];
}

void SocketCommunicator::send(std::uint32_t other, std::span<const std::byte> bytes) const {
  send_message(line_to(other), kCollective, bytes, after_seconds(limit_s_));
}

// The bytes are good until the next call.
const std::vector<std::byte>& SocketCommunicator::receive(std::uint32_t other, std::size_t bytes) {
  expect_message(line_to(other), kCollective, other, message_, after_seconds(limit_s_));
  if (message_.bytes.size() == bytes) return message_.bytes;
  throw lmbench::sdk::Error(lmbench::Code::internal, "rank " + std::to_string(other) + " sent " +
                                                         std::to_string(message_.bytes.size()) +
                                                         " bytes, not " + std::to_string(bytes));
}

}  // namespace turbomind
