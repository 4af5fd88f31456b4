// Errors come without a sentence.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class SilentError final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~SilentError() = default;

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override {
    return in_silence(error, HonestEngine::load(config, sink, nullptr));
  }
  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    return in_silence(error, HonestEngine::submit(requests, count, accepted, nullptr));
  }
  Code reset(ErrorText* error) noexcept override {
    return in_silence(error, HonestEngine::reset(nullptr));
  }
 private:
  static Code in_silence(ErrorText* error, Code code) {
    if (error != nullptr) error->size = 0;
    return code;
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("silent_error", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::SilentError);
