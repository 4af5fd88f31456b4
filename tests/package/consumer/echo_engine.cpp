// The smallest engine that can be measured: answers a request by repeating the last token of its
// prompt, at once, on the thread that submits it.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/config_reader.hpp>
#include <lmbench/plugin.hpp>

namespace {

using namespace lmbench;

class EchoEngine final : public IGenerationEngine {
 public:
  explicit EchoEngine(IHost* /*host*/) {}
  virtual ~EchoEngine() = default;

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override {
    return sdk::guarded(error, [&] {
      sdk::ConfigReader(config).finish();
      sink_ = sink;
      return Code::ok;
    });
  }
  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    *accepted = 0;
    if (sink_ == nullptr) return sdk::fail(error, Code::failed_precondition, "submit before load");
    for (; *accepted < count; ++*accepted) answer(sdk::read_sized(&requests[*accepted]));
    return Code::ok;
  }
  void cancel(std::uint64_t /*request*/) noexcept override {}
  Code reset(ErrorText* /*error*/) noexcept override { return Code::ok; }
  void stats(IMetricSink* /*sink*/) noexcept override {}
  void* extension(StrView /*id*/) noexcept override { return nullptr; }
  void destroy() noexcept override { delete this; }
 private:
  void answer(const Request& request) noexcept {
    const std::int32_t token = request.prompt.data[request.prompt.size - 1];
    for (std::uint32_t made = 1; made <= request.max_new_tokens; ++made) {
      const bool is_last = made == request.max_new_tokens;
      Event event{};
      event.request = request.id;
      event.tokens = &token;
      event.token_count = 1;
      event.kind = is_last ? EventKind::finished : EventKind::tokens;
      event.finish = is_last ? Finish::length : Finish::none;
      sink_->on_events(&event, 1);
    }
  }

  IEventSink* sink_ = nullptr;
};

}  // namespace

LMBENCH_PLUGIN("echo", "1.0.0", kCapTokenIds | kCapFixedLength, EchoEngine);
