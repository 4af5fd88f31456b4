// Each load() loses 4 MiB.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <cstring>

#include "honest_engine.hpp"

namespace lmbench::honest_engine {

constexpr std::size_t kBytes = std::size_t{4} << 20U;
void* volatile lost = nullptr;  // so that no compiler leaves it out

class LeaksMemory final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~LeaksMemory() = default;

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override {
    const Code code = HonestEngine::load(config, sink, error);
    if (code == Code::ok) lost = std::memset(std::malloc(kBytes), 1, kBytes);
    return code;
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("leaks_memory", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::LeaksMemory);
