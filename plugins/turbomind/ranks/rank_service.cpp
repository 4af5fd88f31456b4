// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/rank_service.hpp"

#include <cstdlib>
#include <lmbench/plugin.hpp>
#include <memory>
#include <new>
#include <utility>

#include "turbomind/model_overrides.hpp"
#include "turbomind/observed_weights.hpp"
#include "turbomind/ranks/socket_communicator.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr double kConnectTimeoutS = 30;
constexpr double kLastWordsS = 5;

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
      : rank_(place.rank),
        is_own_process_(place.is_own_process),
        work_(connect_line(place, Line::work)),
        life_(connect_line(place, Line::life)) {}

  void run() {
    Message message;
    expect_message(work_, kLoad, 0, message, after_seconds(kForeverS));
    const LoadOrder order = parse_load_order(message.bytes);
    if (!guard([&] { load(order); })) return;
    // Between plans nothing hurries: the watch notices when rank 0 is lost.
    while (true) {
      receive_message(work_, message, kMostMessageBytes, after_seconds(kForeverS));
      if (message.kind != kPlan) return;  // good-bye
      if (!guard([&] { executor_->enqueue(parse_step_plan(message.bytes)); })) return;
    }
  }
 private:
  // What of rank 0 counts as silence is an option, which comes with the order to load.
  void watch_rank_0(double silence_s) {
    std::vector<LifeWatch::Other> others;
    others.push_back({"rank 0", std::move(life_)});
    watch_ = std::make_unique<LifeWatch>(std::move(others), silence_s, [this](const std::string&) {
      if (is_own_process_) std::_Exit(0);  // whatever it computes is for nobody
      work_.shut_down();
    });
  }

  void load(const LoadOrder& order) {
    const std::vector<lmbench::ConfigEntry> entries = view_of(order.options);
    const EngineOptions options = read_options({entries.data(), entries.size()});
    watch_rank_0(options.rank_silence_s);
    Backend backend = make_cpu_backend();
    OpenedModel model = backend.open(options);
    apply_overrides(options, model.architecture);
    communicator_ = std::make_unique<SocketCommunicator>(rank_, order.ranks,
                                                         std::vector<const Socket*>{&work_});
    executor_ = backend.executors(options, model, communicator_.get())(rank_, nullptr);
    const Architecture architecture = model.architecture;
    const ObservedWeights weights(std::move(model.weights), architecture, 0, nullptr);
    executor_->load(weights, order.limits);
    communicator_->limit(options.step_timeout_s);
    send_message(work_, kLoaded, serialise(executor_->memory_use()), after_seconds(kForeverS));
  }

  // A failure is told to rank 0, where it ends what waits.
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
    try {
      send_message(work_, kFailed, serialise(failure), after_seconds(kLastWordsS));
    } catch (const Error&) {
      // Rank 0 is lost: nobody is left to hear of it.
    }
    return false;
  }

  std::uint32_t rank_;
  bool is_own_process_;
  Socket work_;
  Socket life_;  // until the watch has it
  std::unique_ptr<SocketCommunicator> communicator_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<LifeWatch> watch_;  // ends first: it shuts down what stands above
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
