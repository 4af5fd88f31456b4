// Rank 0's side of ranks that are processes of their own: it waits for them, has them load, hands them
// plans, and notices when one is lost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "turbomind/ranks/life_watch.hpp"
#include "turbomind/ranks/rank_protocol.hpp"
#include "turbomind/ranks/socket_communicator.hpp"

namespace turbomind {

// Where an engine's ranks are to connect.
struct Meeting {
  std::uint16_t port = 0;
  std::string secret;
};

class RemoteRanks {
 public:
  struct Options {
    std::uint32_t ranks = 2;        // rank 0 included
    std::string listen_host;        // "": all addresses of this host
    double connect_timeout_s = 30;  // for all ranks to come
    double silence_s = 5;           // a rank that shows no life for so long is lost
    double step_timeout_s = 60;     // of a collective, once all have loaded
  };

  // `call` tells the ranks where to come; then waits for all of them. A connection that is no rank's is
  // ignored. Throws Error: device_error when not all come in time, failed_precondition for a rank of
  // another build.
  RemoteRanks(const Options& options, const std::function<void(const Meeting&)>& call);

  // Tells them that the engine ends.
  ~RemoteRanks();
  RemoteRanks(const RemoteRanks&) = delete;
  RemoteRanks& operator=(const RemoteRanks&) = delete;

  // Rank 0's.
  Communicator& communicator() noexcept { return *communicator_; }

  // Starts loading on all ranks. The caller loads rank 0 meanwhile, as loading may be collective.
  void begin_load(const LoadOrder& order);

  // Waits for all. Throws the first rank's Error.
  MemoryUse finish_load();

  void send_plan(std::span<const std::byte> plan);

  // [any] The sentence about a rank that was lost; empty: none was.
  std::string loss() const;
 private:
  struct Rank {
    Socket work;
    Socket life;
  };

  void meet(const std::function<void(const Meeting&)>& call);
  void take_in(Socket socket, const std::string& secret);
  std::uint32_t missing() const;
  void lose(const std::string& text);
  void send_to_all(RankMessage kind, std::span<const std::byte> bytes);

  Options options_;
  std::vector<Rank> ranks_;  // rank i + 1
  std::unique_ptr<SocketCommunicator> communicator_;
  std::unique_ptr<LifeWatch> watch_;
  mutable std::mutex mutex_;  // guards the loss
  std::string loss_;
};

}  // namespace turbomind
