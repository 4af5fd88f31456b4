// When there is no room, one request is said to be taken and forgotten.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class OverloadDropsOne final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~OverloadDropsOne() = default;

  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    const Code code = HonestEngine::submit(requests, count, accepted, error);
    if (code != Code::overloaded) return code;
    return ++*accepted == count ? Code::ok : code;
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("overload_drops_one", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::OverloadDropsOne);
