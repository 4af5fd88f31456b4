// SPDX-License-Identifier: Apache-2.0
#include "process/worker_engine.hpp"

#include <filesystem>
#include <lmbench/ext/convert.hpp>
#include <mutex>
#include <utility>

#include "clock.hpp"
#include "error.hpp"
#include "plugin/checked_engine.hpp"
#include "plugin/config_entries.hpp"
#include "plugin/engine_handle.hpp"
#include "plugin/host.hpp"
#include "plugin/identity.hpp"
#include "plugin/library.hpp"
#include "plugin/plugin_search.hpp"
#include "process/clock_check.hpp"
#include "process/engine_figures.hpp"
#include "process/heart.hpp"
#include "process/host_watch.hpp"
#include "process/interrupt.hpp"
#include "process/resident_peak.hpp"
#include "report/event_files.hpp"
#include "run/harness_floor.hpp"
#include "run/launch.hpp"

namespace lmbench::process {
namespace {

using run::Status;

enum class Activity { none, loading, running, converting };

std::filesystem::path plugin_file(const std::string& name_or_path) {
  return plugin::find_plugin(name_or_path,
                             plugin::plugin_folders(std::filesystem::canonical("/proc/self/exe")));
}

// What was mapped before this process opened its first plugin.
const std::vector<std::string>& paths_before_plugins() {
  static const std::vector<std::string> kPaths = plugin::mapped_paths();
  return kPaths;
}

FailedReply load_failure(Code code, const std::string& sentence) {
  const Status status = code == Code::out_of_memory ? Status::oom
                        : code == Code::unsupported ? Status::unsupported
                                                    : Status::load_failed;
  return {{status, sentence}};
}

FailedReply no_engine() { return {{Status::load_failed, "no engine is loaded in this worker"}}; }

// Halves of the files of a case would only take the room that the next case needs.
void remove_files(const CaseRequest& request) {
  std::error_code ignored;
  std::filesystem::remove(request.events_file, ignored);
  std::filesystem::remove(request.requests_file, ignored);
  if (!request.tokens_file.empty()) std::filesystem::remove(request.tokens_file, ignored);
}

// Passes a converter's progress on, and tells it to stop when this process is asked to.
class ConvertProgress final : public IProgressSink {
 public:
  explicit ConvertProgress(std::function<void(std::string stage, double fraction)> show)
      : show_(std::move(show)) {}
  virtual ~ConvertProgress() = default;
  Code on_progress(StrView stage, double fraction) noexcept override {
    if (is_interrupted()) return Code::cancelled;
    try {
      show_(std::string(plugin::text_of(stage)), fraction);
    } catch (const std::bad_alloc&) {  // the stage before stays
    }
    return Code::ok;
  }
 private:
  std::function<void(std::string, double)> show_;
};

}  // namespace

struct WorkerEngine::State {
  explicit State(plugin::Host::Log log) : host(std::move(log)) {}

  void set(Activity now, Heartbeat seen = {}) {
    const std::lock_guard lock(mutex);
    activity = now;
    shown = std::move(seen);
  }

  // The engine that was there ends with `next`, after the lock is open: it may take its time.
  void replace_launch(std::unique_ptr<run::Launch> next) {
    const std::lock_guard lock(mutex);
    launch.swap(next);
  }

  // What the heartbeat shows while this lives.
  class Doing {
   public:
    Doing(State& state, Activity activity) : state_(state) { state_.set(activity); }
    Doing(const Doing&) = delete;
    Doing& operator=(const Doing&) = delete;
    ~Doing() { state_.set(Activity::none); }
   private:
    State& state_;
  };

  plugin::Host host;
  mutable std::mutex mutex;  // of what follows, which only the control thread changes
  Activity activity = Activity::none;
  Heartbeat shown;  // while converting
  std::unique_ptr<run::Launch> launch;
  std::shared_ptr<plugin::ContractViolations> violations;  // of the launch; empty if not checked
  HostWatch watch;
};

WorkerEngine::WorkerEngine(std::function<void(int level, const std::string& text)> log)
    : state_(std::make_unique<State>(std::move(log))) {
  paths_before_plugins();
}

WorkerEngine::~WorkerEngine() = default;

Reply WorkerEngine::answer(const DescribeRequest& request) {
  const std::filesystem::path file = plugin_file(request.plugin);
  const PluginDescriptor& descriptor = plugin::open_plugin(file);
  DescribeReply reply{.path = file.string(),
                      .engine_name = descriptor.engine_name,
                      .engine_version = descriptor.engine_version,
                      .source_revision = descriptor.source_revision,
                      .toolchain = descriptor.toolchain,
                      .abi_major = descriptor.abi_major,
                      .abi_minor = descriptor.abi_minor,
                      .capabilities = descriptor.capabilities,
                      .model = {},
                      .clock = check_clock()};
  const plugin::ConfigEntries config(request.options);
  const plugin::EngineHandle engine = plugin::create_engine(descriptor, state_->host);
  plugin::ErrorSpace error;
  const Code code = preview_model(*engine, config.view(), reply.model, error.out());
  if (code != Code::ok) return load_failure(code, error.text());
  return reply;
}

Reply WorkerEngine::answer(const LoadRequest& request) {
  const State::Doing doing(*state_, Activity::loading);
  state_->replace_launch(nullptr);
  const std::filesystem::path file = plugin_file(request.plugin);
  const PluginDescriptor& descriptor = plugin::open_plugin(file);
  const plugin::ConfigEntries config(request.options);
  plugin::EngineHandle engine = plugin::create_engine(descriptor, state_->host);
  state_->violations = std::make_shared<plugin::ContractViolations>();
  if (request.is_checked) {
    engine = plugin::checked_engine(std::move(engine), descriptor.capabilities, state_->violations);
  }
  auto launch = std::make_unique<run::Launch>(std::move(engine), descriptor.capabilities);
  plugin::ErrorSpace error;
  const std::uint64_t begin_ns = monotonic_now_ns();
  const Code code = launch->load(config.view(), error.out());
  const std::uint64_t end_ns = monotonic_now_ns();
  if (code != Code::ok) return load_failure(code, error.text());
  LoadReply reply{.load_s = static_cast<double>(end_ns - begin_ns) * 1e-9,
                  .model = loaded_model(launch->engine()),
                  .peak = device_peak(launch->engine()),
                  .objects = plugin::objects_mapped_since(paths_before_plugins(), file)};
  state_->replace_launch(std::move(launch));
  return reply;
}

Reply WorkerEngine::answer(const CaseRequest& request) {
  if (!state_->launch) return no_engine();
  const State::Doing doing(*state_, Activity::running);
  restart_resident_peak();
  state_->watch.begin(monotonic_now_ns());
  run::CaseRun run = state_->launch->run_case({request.plan_case, request.measure, request.sampling,
                                               request.prompts, !request.tokens_file.empty()});
  CaseReply reply{.outcome = std::move(run.judgement.outcome),
                  .flags = std::move(run.judgement.flags),
                  .engine_is_broken = run.judgement.is_engine_broken,
                  .prompts_sha256 = std::move(run.prompts_sha256),
                  .stop_reason = {},
                  .memory = {},
                  .engine_stats = {},
                  .rss_peak_bytes = resident_peak_bytes()};
  if (run.stop_reason) reply.stop_reason = stats::name_of(*run.stop_reason);
  const std::vector<stats::HostLook> looks = state_->watch.end(monotonic_now_ns());
  if (stats::has_host_stall(run.record, looks, std::chrono::nanoseconds(kHeartPeriod).count())) {
    reply.flags.emplace_back("host_stall");
  }
  if (!state_->violations->is_empty() && run::has_numbers(reply.outcome.status)) {
    reply.outcome = {Status::bad_plugin, state_->violations->all().front().sentence};
    reply.engine_is_broken = true;  // a new worker begins with no violation
  }
  if (!reply.engine_is_broken) {
    reply.memory = memory_parts(state_->launch->engine());
    reply.engine_stats = engine_stats(state_->launch->engine());
  }
  try {
    report::write_events(request.events_file, run.record.events);
    report::write_requests(request.requests_file, run.record.requests);
    if (!request.tokens_file.empty()) report::write_token_ids(request.tokens_file, run.token_ids);
  } catch (const Error& e) {  // a full disk is none of the engine's doing, and may be mended
    remove_files(request);
    if (run::has_numbers(reply.outcome.status)) reply.outcome = {Status::interrupted, e.what()};
  }
  return reply;
}

Reply WorkerEngine::answer(const ResetRequest&) {
  if (!state_->launch) return no_engine();
  run::Judgement judgement = state_->launch->reset();
  if (judgement.outcome.status == Status::ok) return DoneReply{};
  return FailedReply{std::move(judgement.outcome)};
}

Reply WorkerEngine::answer(const FloorRequest&) {
  const PluginDescriptor& descriptor = plugin::open_plugin(plugin_file("null"));
  run::Launch launch(plugin::create_engine(descriptor, state_->host), descriptor.capabilities);
  plugin::ErrorSpace error;
  const Code code = launch.load({nullptr, 0}, error.out());
  if (code != Code::ok) return load_failure(code, error.text());
  const run::HarnessFloor floor = run::measure_harness_floor(launch);
  return FloorReply{floor.median_ns_per_token_batch_1, floor.p999_ns_per_token_batch_1,
                    floor.median_ns_per_token_batch_64};
}

Reply WorkerEngine::answer(const GenerateRequest& request) {
  if (!state_->launch) return no_engine();
  const State::Doing doing(*state_, Activity::running);
  run::Generated generated = state_->launch->generate({.prompt = request.prompt,
                                                       .max_new_tokens = request.max_new_tokens,
                                                       .ignore_eos = request.ignore_eos,
                                                       .sampling = request.sampling,
                                                       .seed = request.seed});
  if (generated.judgement.outcome.status == Status::ok) {
    return GenerateReply{std::move(generated.tokens)};
  }
  return FailedReply{std::move(generated.judgement.outcome)};
}

Reply WorkerEngine::answer(const ConvertRequest& request) {
  const InterruptGuard interrupts;
  const State::Doing doing(*state_, Activity::converting);
  const PluginDescriptor& descriptor = plugin::open_plugin(plugin_file(request.plugin));
  const plugin::EngineHandle engine = plugin::create_engine(descriptor, state_->host);
  auto* converter = plugin::extension_of<IConverter>(*engine, "lmbench.convert/1");
  if (converter == nullptr) {
    return FailedReply{{Status::unsupported,
                        "plugin '" + std::string(descriptor.engine_name) + "' has no converter"}};
  }
  ConvertProgress progress([this](std::string stage, double fraction) {
    Heartbeat shown;
    shown.stage = std::move(stage);
    shown.fraction = fraction;
    state_->set(Activity::converting, std::move(shown));
  });
  const plugin::ConfigEntries options(request.options);
  plugin::ErrorSpace error;
  const Code code = converter->convert({request.source.data(), request.source.size()},
                                       {request.target.data(), request.target.size()},
                                       options.view(), &progress, error.out());
  if (code == Code::cancelled) return FailedReply{{Status::interrupted, "stopped by the user"}};
  if (code != Code::ok) return load_failure(code, error.text());
  return DoneReply{};
}

Heartbeat WorkerEngine::progress() const {
  state_->watch.look(monotonic_now_ns());
  const std::lock_guard lock(state_->mutex);
  Heartbeat heartbeat = state_->shown;
  if (state_->activity == Activity::loading) {
    plugin::LoadProgress load = state_->host.load_progress();
    heartbeat.stage = std::move(load.stage);
    heartbeat.fraction = load.fraction;
  } else if (state_->activity == Activity::running && state_->launch) {
    heartbeat.tokens = state_->launch->tokens_seen();
    heartbeat.rounds = state_->launch->rounds_ended();
    const run::TestProgress& test = state_->launch->test_progress();
    if (test.has_begun.load(std::memory_order_acquire)) {
      heartbeat.warmup_rounds = test.warmup_rounds.load(std::memory_order_relaxed);
      heartbeat.half_width_percent = test.half_width_percent.load(std::memory_order_relaxed);
    }
  }
  return heartbeat;
}

}  // namespace lmbench::process
