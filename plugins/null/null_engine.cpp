// An engine that generates nothing and answers at once, on the caller's thread: what is left of a
// run with it is the harness's own cost. The requests of one submit() call are stepped together,
// with one on_events call per step, as a real batching engine would; a step allocates nothing.
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>
#include <lmbench/config_reader.hpp>
#include <lmbench/ext/model.hpp>
#include <lmbench/plugin.hpp>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace lmbench::null_engine {

constexpr std::uint32_t kVocabulary = 32000;  // that of LLaMA; prompts need some range of ids
constexpr std::int64_t kMaxReservedRequests = 1 << 16;

// The model keys of turbomind, so that every scenario runs with this engine.
void accept_model_keys(sdk::ConfigReader& reader) {
  for (const char* key : {"model", "weights", "device", "dtype"}) reader.text(key, "");
  reader.integer("tp", 1, {1, std::numeric_limits<std::int32_t>::max()});
  reader.integer("threads", 0, {0, std::numeric_limits<std::int32_t>::max()});
  reader.integer("max_context_token_num", 0, {0, std::numeric_limits<std::int32_t>::max()});
  reader.real("cache_max_entry_count", 0, {0, 1e9});
}

void refuse_bad_request(const Request& request) {
  const auto refuse = [](Code code, const std::string& text) { throw sdk::Error(code, text); };
  if ((request.flags & ~kIgnoreEos) != 0) refuse(Code::unsupported, "unknown request flag");
  if (request.id == 0) refuse(Code::invalid_argument, "a request id must not be 0");
  if (request.prompt.size == 0) refuse(Code::invalid_argument, "the prompt is empty");
  if (request.max_new_tokens == 0) refuse(Code::invalid_argument, "max_new_tokens is 0");
  if (request.min_new_tokens > request.max_new_tokens) {
    refuse(Code::invalid_argument, "min_new_tokens is above max_new_tokens");
  }
  if (request.stop_tokens.size != 0) {
    refuse(Code::unsupported, "the null engine makes no tokens, so none can stop it");
  }
  if (request.extra.size != 0) {
    refuse(Code::invalid_argument,
           "unknown request key '" + std::string(sdk::view(request.extra.data[0].key)) + "'");
  }
}

class NullEngine final : public IGenerationEngine, private IModel {
 public:
  explicit NullEngine(IHost*) {}
  virtual ~NullEngine() = default;

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override {
    return sdk::guarded(error, [&] {
      if (sink_ != nullptr) throw sdk::Error(Code::failed_precondition, "load() was called twice");
      sdk::ConfigReader reader(config);
      step_tokens_ = static_cast<std::uint32_t>(reader.integer("step_tokens", 1, {1, 64}));
      const auto expected = reader.integer("lmbench.max_requests", 64, {1, kMaxReservedRequests});
      accept_model_keys(reader);
      reader.finish();
      events_.reserve(static_cast<std::size_t>(expected));
      tokens_left_.reserve(static_cast<std::size_t>(expected));
      sink_ = sink;
      return Code::ok;
    });
  }

  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    *accepted = 0;
    return sdk::guarded(error, [&] {
      if (sink_ == nullptr) throw sdk::Error(Code::failed_precondition, "submit() before load()");
      const std::lock_guard lock(mutex_);  // the buffers serve one call at a time
      events_.clear();
      tokens_left_.clear();
      const Code code = take_prefix(requests, count, error);
      *accepted = static_cast<std::uint32_t>(events_.size());
      while (!events_.empty()) step();
      return code;
    });
  }

  void cancel(std::uint64_t) noexcept override {}  // nothing is ever in flight between calls

  Code reset(ErrorText* error) noexcept override {
    if (sink_ == nullptr) return sdk::fail(error, Code::failed_precondition, "reset before load()");
    const std::lock_guard lock(mutex_);
    steps_ = 0;
    return Code::ok;
  }

  void stats(IMetricSink* sink) noexcept override {
    const std::lock_guard lock(mutex_);
    sink->on_metric(sdk::abi("steps"), sdk::abi("1"), MetricKind::counter,
                    static_cast<double>(steps_));
  }

  void* extension(StrView id) noexcept override {
    return sdk::view(id) == "lmbench.model/1" ? static_cast<IModel*>(this) : nullptr;
  }

  void destroy() noexcept override { delete this; }
 private:
  Code info(ModelInfo* result, ErrorText*) noexcept override {
    *result = ModelInfo{};
    result->vocabulary = kVocabulary;
    return Code::ok;
  }

  Code preview(ConfigView, ModelInfo* result, ErrorText* error) noexcept override {
    return info(result, error);
  }

  // Fills the buffers with the requests up to the first bad one, which it reports.
  Code take_prefix(const Request* requests, std::uint32_t count, ErrorText* error) {
    return sdk::guarded(error, [&] {
      for (std::uint32_t i = 0; i < count; ++i) {
        const Request request = sdk::read_sized(&requests[i]);
        refuse_bad_request(request);
        Event event{};
        event.request = request.id;
        tokens_left_.push_back(request.max_new_tokens);
        events_.push_back(event);
      }
      return Code::ok;
    });
  }

  // One step of every request that is left; those that ended make room at the end.
  void step() noexcept {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      Event& event = events_[i];
      event.token_count = std::min(step_tokens_, tokens_left_[i]);
      tokens_left_[i] -= event.token_count;
      if (tokens_left_[i] != 0) continue;
      event.kind = EventKind::finished;
      event.finish = Finish::length;
    }
    sink_->on_events(events_.data(), static_cast<std::uint32_t>(events_.size()));
    ++steps_;
    std::size_t live = 0;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (tokens_left_[i] == 0) continue;
      events_[live] = events_[i];
      tokens_left_[live++] = tokens_left_[i];
    }
    events_.resize(live);
    tokens_left_.resize(live);
  }

  std::mutex mutex_;
  IEventSink* sink_ = nullptr;
  std::uint32_t step_tokens_ = 1;
  std::uint64_t steps_ = 0;
  std::vector<Event> events_;  // of the requests that are left, in the order of the call
  std::vector<std::uint32_t> tokens_left_;
};

}  // namespace lmbench::null_engine

LMBENCH_PLUGIN("null", "1.0.0", lmbench::kCapFixedLength, lmbench::null_engine::NullEngine);
