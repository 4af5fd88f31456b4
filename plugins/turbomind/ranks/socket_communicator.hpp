// Collectives over sockets: every rank has a connection to rank 0, which gathers, adds in rank order and
// sends back. The bits are those of threads; the time is what a network takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "turbomind/communicator.hpp"
#include "turbomind/ranks/socket.hpp"

namespace turbomind {

struct SocketCommunicatorOptions {
  std::uint32_t rank = 0;
  std::uint32_t ranks = 1;
  double timeout_s = 60;  // a rank whose part has not come by then hangs
};

// lines: on rank 0 those of ranks 1, 2, ...; elsewhere the one to rank 0. They outlive it. abort()
// shuts them down.
std::unique_ptr<Communicator> make_socket_communicator(const SocketCommunicatorOptions& options,
                                                       std::vector<const Socket*> lines);

}  // namespace turbomind
