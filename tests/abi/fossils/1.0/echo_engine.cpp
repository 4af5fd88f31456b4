// An engine that answers a request with its own prompt, over and over, at once and on the thread
// that submits it. It has what every engine has: a config key, a log line and errors.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <lmbench/config_reader.hpp>
#include <lmbench/plugin.hpp>
#include <string>

namespace {

using namespace lmbench;

// What this engine cannot do it refuses: quietly doing something else would be a wrong number.
void refuse_what_echo_cannot_do(const Request& request) {
  if ((request.flags & ~kIgnoreEos) != 0 || request.stop_tokens.size != 0) {
    throw sdk::Error(Code::unsupported, "echo knows one flag, kIgnoreEos, and no stop tokens");
  }
  if (request.id == 0 || request.prompt.size == 0 || request.max_new_tokens == 0 ||
      request.min_new_tokens > request.max_new_tokens) {
    throw sdk::Error(Code::invalid_argument, "no id, no prompt, or no possible number of tokens");
  }
  sdk::ConfigReader(request.extra).finish();  // no keys of its own, so any key is an error
}

class EchoEngine final : public IGenerationEngine {
 public:
  explicit EchoEngine(IHost* host) : host_(host) {}
  virtual ~EchoEngine() = default;

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override {
    return sdk::guarded(error, [&] {
      if (sink_ != nullptr) throw sdk::Error(Code::failed_precondition, "load() was called twice");
      sdk::ConfigReader reader(config);
      event_tokens_ = static_cast<std::uint32_t>(reader.integer("event_tokens", 1, {1, 64}));
      reader.finish();  // a key that nobody read is an error, which names it
      const std::string line = "echo: tokens in an event: " + std::to_string(event_tokens_);
      host_->log(LogLevel::info, sdk::abi(line));
      sink_ = sink;
      return Code::ok;
    });
  }

  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    *accepted = 0;
    return sdk::guarded(error, [&] {
      if (sink_ == nullptr) throw sdk::Error(Code::failed_precondition, "submit() before load()");
      for (; *accepted < count; ++*accepted) {
        const Request request = sdk::read_sized(&requests[*accepted]);
        refuse_what_echo_cannot_do(request);
        answer(request);
      }
      return Code::ok;
    });
  }

  void cancel(std::uint64_t /*request*/) noexcept override {}  // all have ended before submit() has
  Code reset(ErrorText* error) noexcept override {
    if (sink_ != nullptr) return Code::ok;
    return sdk::fail(error, Code::failed_precondition, "reset() before load()");
  }
  void stats(IMetricSink* /*sink*/) noexcept override {}
  void* extension(StrView /*id*/) noexcept override { return nullptr; }
  void destroy() noexcept override { delete this; }
 private:
  void answer(const Request& request) noexcept {
    std::uint32_t left = request.max_new_tokens;
    for (std::uint64_t at = 0; left != 0;) {
      const auto until_end = static_cast<std::uint32_t>(request.prompt.size - at);
      Event event{};
      event.request = request.id;
      event.tokens = request.prompt.data + at;
      event.token_count = std::min({event_tokens_, until_end, left});
      at = (at + event.token_count) % request.prompt.size;
      left -= event.token_count;
      if (left == 0) {  // exactly one terminal event for each accepted request
        event.kind = EventKind::finished;
        event.finish = Finish::length;
      }
      sink_->on_events(&event, 1);
    }
  }

  IHost* host_;
  IEventSink* sink_ = nullptr;
  std::uint32_t event_tokens_ = 1;
};

}  // namespace

LMBENCH_PLUGIN("echo", "0.1.0", kCapTokenIds | kCapFixedLength | kCapRepeatable, EchoEngine);
