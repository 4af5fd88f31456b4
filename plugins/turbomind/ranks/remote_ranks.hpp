// Rank 0's side of ranks that are processes of their own: it waits for them, has them open and load the
// model, hands them plans, and notices when one is lost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
    std::uint32_t ranks = 2;                // rank 0 included
    std::string listen_host;                // "": all addresses of this host
    double connect_timeout_s = 30;          // for all ranks to come
    double silence_s = 5;                   // a rank that shows no life for so long is lost
    double step_timeout_s = kStepTimeoutS;  // of a collective, once all have loaded
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

  // Has all open the model, without its weights. The memory of the one that has least.
  HostMemory open(const OpenOrder& order);

  // Starts loading on all ranks. The caller loads rank 0 meanwhile, as loading may be collective.
  void begin_load(const ExecutorLimits& limits);

  // Waits for all.
  MemoryUse finish_load();

  void send_plan(std::span<const std::byte> plan);

  // [any] Called, from the watching thread, when a rank is lost or says why it fails, or at once if one
  // already was. An empty function: nobody is called from now on.
  void on_loss(std::function<void(const RankFailure&)> call);

  // [any] Why a line is broken: the watch finds it at about the same time. Nothing: it has not within a
  // moment.
  std::optional<RankFailure> reason() const;

  // [any] Ends all: no rank waits for this one any longer.
  void hang_up() noexcept;
 private:
  struct Rank {
    Socket work;
    Socket life;
  };

  void meet(const std::function<void(const Meeting&)>& call);
  void take_in(Socket socket, const std::string& secret);
  std::uint32_t missing() const;
  void lose(const RankFailure& failure);
  void send_to_all(RankMessage kind, std::span<const std::byte> bytes);
  template <class Take>
  void take_answers(RankMessage kind, const Take& take);

  Options options_;
  std::vector<Rank> ranks_;  // rank i + 1
  std::unique_ptr<SocketCommunicator> communicator_;
  std::unique_ptr<LifeWatch> watch_;
  mutable std::condition_variable loss_changed_;
  mutable std::mutex mutex_;  // guards what follows, and is held while on_loss_ runs
  std::optional<RankFailure> loss_;
  std::function<void(const RankFailure&)> on_loss_;
};

}  // namespace turbomind
