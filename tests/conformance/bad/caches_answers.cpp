// A prompt that was seen before costs no time, and nobody is told. Prompts cost more here than in the
// honest engine, so that it can be seen.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

constexpr std::uint64_t kSlowPromptTokenNs = 500'000;

class CachesAnswers final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~CachesAnswers() = default;

  Code reset(ErrorText* error) noexcept override {
    const Code code = HonestEngine::reset(error);
    if (code == Code::ok) seen_.clear();  // nothing is in flight, so no other thread looks at it
    return code;
  }
 private:
  std::uint64_t prompt_ns(const Sequence& sequence) override {
    if (std::find(seen_.begin(), seen_.end(), sequence.prompt_hash) != seen_.end()) return 0;
    seen_.push_back(sequence.prompt_hash);
    return sequence.prompt_tokens * kSlowPromptTokenNs;
  }

  std::vector<std::uint64_t> seen_;
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("caches_answers", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::CachesAnswers);
