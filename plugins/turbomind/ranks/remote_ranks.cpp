// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/remote_ranks.hpp"

#include <lmbench/plugin.hpp>
#include <sstream>
#include <utility>

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::chrono::seconds kReasonWithin{2};

}  // namespace

RemoteRanks::RemoteRanks(const Options& options, const std::function<void(const Meeting&)>& call)
    : options_(options), ranks_(options.ranks - 1) {
  meet(call);
  std::vector<const Socket*> lines;
  std::vector<LifeWatch::Other> others;
  for (std::uint32_t i = 0; i < ranks_.size(); ++i) {
    lines.push_back(&ranks_[i].work);
    others.push_back({"rank " + std::to_string(i + 1), std::move(ranks_[i].life)});
  }
  communicator_ = std::make_unique<SocketCommunicator>(0, options.ranks, lines);
  watch_ = std::make_unique<LifeWatch>(std::move(others), options.silence_s,
                                       [this](const RankFailure& failure) { lose(failure); });
}

RemoteRanks::~RemoteRanks() {
  try {
    send_to_all(kBye, {});
  } catch (const std::exception&) {
    // A rank that is lost needs no farewell.
  }
  watch_ = nullptr;
}

void RemoteRanks::meet(const std::function<void(const Meeting&)>& call) {
  const Listener listener(options_.listen_host, 0);
  const std::string secret = new_secret();
  call({listener.port(), secret});
  const Deadline deadline = after_seconds(options_.connect_timeout_s);
  while (missing() > 0) {
    Socket socket;
    try {
      socket = listener.accept(deadline);
    } catch (const Error&) {
      std::ostringstream text;
      text << missing() << " of " << ranks_.size() << " rank processes did not come within "
           << options_.connect_timeout_s << " s";
      throw Error(Code::device_error, text.str());
    }
    take_in(std::move(socket), secret);
  }
}

// What is no hello of a rank of this engine is a stranger's, and is forgotten.
void RemoteRanks::take_in(Socket socket, const std::string& secret) {
  const std::optional<Hello> said = receive_hello(socket);
  if (!said || said->secret != secret || said->rank == 0 || said->rank > ranks_.size()) return;
  const Hello& hello = *said;
  if (hello.build != rank_build()) {
    throw Error(Code::failed_precondition, "rank " + std::to_string(hello.rank) + " is of build " +
                                               hello.build + ", this one of " + rank_build() +
                                               ": one job measures one build");
  }
  Rank& rank = ranks_[hello.rank - 1];
  (hello.line == Line::work ? rank.work : rank.life) = std::move(socket);
}

std::uint32_t RemoteRanks::missing() const {
  std::uint32_t count = 0;
  for (const Rank& rank : ranks_) count += rank.work.is_open() && rank.life.is_open() ? 0 : 1;
  return count;
}

// Known before it is felt: who is woken by the abort asks why.
void RemoteRanks::lose(const RankFailure& failure) {
  const std::lock_guard lock(mutex_);
  loss_ = failure;
  loss_changed_.notify_all();
  if (on_loss_) on_loss_(failure);
  communicator_->abort();
}

void RemoteRanks::on_loss(std::function<void(const RankFailure&)> call) {
  const std::lock_guard lock(mutex_);
  on_loss_ = std::move(call);
  if (on_loss_ && loss_) on_loss_(*loss_);
}

std::optional<RankFailure> RemoteRanks::reason() const {
  std::unique_lock lock(mutex_);
  loss_changed_.wait_for(lock, kReasonWithin, [this] { return loss_.has_value(); });
  return loss_;
}

void RemoteRanks::hang_up() noexcept {
  communicator_->abort();
  watch_->hang_up();
}

void RemoteRanks::send_to_all(RankMessage kind, std::span<const std::byte> bytes) {
  for (const Rank& rank : ranks_) {
    send_message(rank.work, kind, bytes, after_seconds(options_.step_timeout_s));
  }
}

// An answer takes however long it takes: the watch notices who is lost.
template <class Take>
void RemoteRanks::take_answers(RankMessage kind, const Take& take) {
  Message message;
  for (std::uint32_t i = 0; i < ranks_.size(); ++i) {
    expect_message(ranks_[i].work, kind, i + 1, message, after_seconds(kForeverS));
    take(message.bytes);
  }
}

HostMemory RemoteRanks::open(const OpenOrder& order) {
  send_to_all(kOpen, serialise(order));
  HostMemory least;
  take_answers(kOpened, [&](std::span<const std::byte> bytes) {
    least = least_of(least, parse_host_memory(bytes));
  });
  return least;
}

void RemoteRanks::begin_load(const ExecutorLimits& limits) {
  send_to_all(kLoad, serialise(limits));
}

MemoryUse RemoteRanks::finish_load() {
  MemoryUse sum;
  take_answers(kLoaded, [&](std::span<const std::byte> bytes) {
    const MemoryUse use = parse_memory_use(bytes);
    sum.weight_bytes += use.weight_bytes;
    sum.kv_bytes += use.kv_bytes;
    sum.workspace_bytes += use.workspace_bytes;
  });
  communicator_->limit(options_.step_timeout_s);
  return sum;
}

void RemoteRanks::send_plan(std::span<const std::byte> plan) { send_to_all(kPlan, plan); }

}  // namespace turbomind
