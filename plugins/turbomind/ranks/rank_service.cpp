// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/rank_service.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <lmbench/plugin.hpp>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "turbomind/model_overrides.hpp"
#include "turbomind/observed_weights.hpp"
#include "turbomind/ranks/life_watch.hpp"
#include "turbomind/ranks/socket_communicator.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr double kConnectTimeoutS = 30;
constexpr std::chrono::seconds kLastWords{5};

Socket connect_line(const RankPlace& place, Line line) {
  Socket socket = connect_to(place.host, place.meeting.port, after_seconds(kConnectTimeoutS));
  const Hello hello{rank_build(), place.meeting.secret, place.rank, line};
  send_message(socket, kHello, serialise(hello), after_seconds(kConnectTimeoutS));
  return socket;
}

// One engine, as this rank has it.
class Service {
 public:
  explicit Service(const RankPlace& place)
      : place_(place),
        work_(connect_line(place, Line::work)),
        watch_(watched(connect_line(place, Line::life)), kForeverS,
               [this](const RankFailure& /*loss*/) { lose_rank_0(); }) {}

  // Until rank 0 says good-bye. Throws Error when it is lost.
  void run() {
    Message message;
    expect_message(work_, kOpen, 0, message, after_seconds(kForeverS));
    if (!guard([&] { open(parse_open_order(message.bytes)); })) return;
    receive_message(work_, message, kMostMessageBytes, after_seconds(kForeverS));
    if (message.kind != kLoad) return;  // good-bye: rank 0 cannot open it
    if (!guard([&] { load(parse_executor_limits(message.bytes)); })) return;
    // Between plans nothing hurries: the watch notices when rank 0 is lost.
    while (true) {
      receive_message(work_, message, kMostMessageBytes, after_seconds(kForeverS));
      if (message.kind != kPlan) return;  // good-bye
      if (!guard([&] { executor_->enqueue(parse_step_plan(message.bytes)); })) return;
    }
  }
 private:
  static std::vector<LifeWatch::Other> watched(Socket life) {
    std::vector<LifeWatch::Other> others;
    others.push_back({"rank 0", std::move(life)});
    return others;
  }

  // On the watching thread. Whatever the rank computes is for nobody from now on.
  void lose_rank_0() {
    if (place_.is_own_process) std::_Exit(0);
    work_.shut_down();
    const std::lock_guard lock(mutex_);
    is_rank_0_lost_ = true;
    if (executor_ != nullptr) executor_->abort();
    changed_.notify_all();
  }

  void open(const OpenOrder& order) {
    const std::vector<lmbench::ConfigEntry> entries = view_of(order.options);
    options_ = read_options({entries.data(), entries.size()});
    watch_.limit(options_.rank_silence_s);  // what of rank 0 counts as silence comes with the order
    options_.device = order.uses_gpus ? Device::cuda : Device::cpu;
    options_.seat = ProcessSeat{place_.local_rank, place_.local_rank + 1};
    backend_ = select_backend(options_);
    model_ = backend_.open(options_);
    apply_overrides(options_, model_.architecture);
    communicator_ = std::make_unique<SocketCommunicator>(place_.rank, order.ranks,
                                                         std::vector<const Socket*>{&work_});
    send_message(work_, kOpened, serialise(backend_.memory()), after_seconds(kForeverS));
  }

  void load(const ExecutorLimits& limits) {
    auto executor = backend_.executors(options_, model_, communicator_.get())(place_.rank, nullptr);
    {
      const std::lock_guard lock(mutex_);
      if (is_rank_0_lost_) return;
      executor_ = std::move(executor);
    }
    const Architecture architecture = model_.architecture;
    const ObservedWeights weights(std::move(model_.weights), architecture, 0, nullptr);
    executor_->load(weights, limits);
    communicator_->limit(options_.step_timeout_s.value_or(kStepTimeoutS));
    send_message(work_, kLoaded, serialise(executor_->memory_use()), after_seconds(kForeverS));
  }

  // A failure is told to rank 0, which ends what waits for this rank.
  template <class Body>
  bool guard(const Body& body) {
    RankFailure failure;
    try {
      body();
      return true;
    } catch (const Error& e) {
      failure = {e.code(), e.what()};
    } catch (const std::bad_alloc&) {
      failure = {Code::out_of_memory, "out of host memory"};
    } catch (const std::exception& e) {
      failure = {Code::internal, e.what()};
    }
    watch_.say_why(failure);
    // The lines stay until it has hung up: a line that closed might be noticed before the words.
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLastWords, [this] { return is_rank_0_lost_; });
    return false;
  }

  RankPlace place_;
  Socket work_;
  EngineOptions options_;
  Backend backend_;
  OpenedModel model_;
  std::unique_ptr<SocketCommunicator> communicator_;
  std::mutex mutex_;  // guards what follows; only the rank's thread sets the executor
  std::condition_variable changed_;
  bool is_rank_0_lost_ = false;
  std::unique_ptr<Executor> executor_;
  LifeWatch watch_;  // ends first: it reaches for what stands above
};

}  // namespace

void serve_engine(const RankPlace& place) {
  Service service(place);
  try {
    service.run();
  } catch (const Error&) {
    // Rank 0 has gone, which it has no way to say.
  }
}

}  // namespace turbomind
