// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/rank_service.hpp"

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
constexpr double kSilenceS = 5;
constexpr double kForeverS = 1e7;  // between plans: the watch notices when rank 0 is lost

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
        work_(connect_line(place, Line::work)),
        watch_(watched(place), kSilenceS, [this](const std::string&) { work_.shut_down(); }) {}

  void run() {
    Message message;
    expect_message(work_, kLoad, 0, message, after_seconds(kForeverS));
    const LoadOrder order = parse_load_order(message.bytes);
    if (!guard([&] { load(order); })) return;
    while (true) {
      receive_message(work_, message, kMostMessageBytes, after_seconds(kForeverS));
      if (message.kind != kPlan) return;  // good-bye
      if (!guard([&] { executor_->enqueue(parse_step_plan(message.bytes)); })) return;
    }
  }
 private:
  static std::vector<LifeWatch::Other> watched(const RankPlace& place) {
    std::vector<LifeWatch::Other> others;
    others.push_back({"rank 0", connect_line(place, Line::life)});
    return others;
  }

  void load(const LoadOrder& order) {
    const std::vector<lmbench::ConfigEntry> entries = view_of(order.options);
    const EngineOptions options = read_options({entries.data(), entries.size()});
    Backend backend = make_cpu_backend();
    OpenedModel model = backend.open(options);
    apply_overrides(options, model.architecture);
    communicator_ = make_socket_communicator(
        {.rank = rank_, .ranks = order.ranks, .timeout_s = options.step_timeout_s}, {&work_});
    executor_ = backend.executors(options, model, communicator_.get())(rank_, nullptr);
    const Architecture architecture = model.architecture;
    const ObservedWeights weights(std::move(model.weights), architecture, 0, nullptr);
    executor_->load(weights, order.limits);
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
      send_message(work_, kFailed, serialise(failure), after_seconds(kSilenceS));
    } catch (const Error&) {
      // Rank 0 is lost: nobody is left to hear of it.
    }
    return false;
  }

  std::uint32_t rank_;
  Socket work_;
  LifeWatch watch_;
  std::unique_ptr<Communicator> communicator_;
  std::unique_ptr<Executor> executor_;
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
