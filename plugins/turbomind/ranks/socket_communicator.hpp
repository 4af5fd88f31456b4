// Collectives over sockets: every rank has a connection to rank 0, which gathers, adds in rank order and
// sends back. The bits are those of threads; the time is what a network takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "turbomind/communicator.hpp"
#include "turbomind/ranks/socket.hpp"

namespace turbomind {

class SocketCommunicator final : public Communicator {
 public:
  // lines: on rank 0 those of ranks 1, 2, ...; elsewhere the one to rank 0. They outlive it.
  SocketCommunicator(std::uint32_t rank, std::uint32_t ranks, std::vector<const Socket*> lines);

  // From now on a rank whose part of a collective has not come by then hangs, which is an error. Until
  // then nobody is hurried: while loading, one rank may be minutes behind another.
  void limit(double seconds) noexcept { limit_s_ = seconds; }

  std::uint32_t rank() const noexcept override { return rank_; }
  std::uint32_t ranks() const noexcept override { return ranks_; }
  void all_reduce(std::span<float> data) override;
  void all_gather(std::span<const std::byte> data, std::span<std::byte> out) override;

  // Shuts the lines down.
  void abort() noexcept override;
 private:
  const Socket& line_to(std::uint32_t other) const;
  void send(std::uint32_t other, std::span<const std::byte> bytes) const;
  const std::vector<std::byte>& receive(std::uint32_t other, std::size_t bytes);

  std::uint32_t rank_;
  std::uint32_t ranks_;
  std::vector<const Socket*> lines_;
  double limit_s_ = kForeverS;
  Message message_;
};

}  // namespace turbomind
