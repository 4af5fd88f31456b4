// An exception leaves submit() when a request has an unknown flag.
// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class ThrowsInSubmit final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~ThrowsInSubmit() = default;

  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    const Code code = HonestEngine::submit(requests, count, accepted, error);
    if (code == Code::unsupported && has_unknown_flag(requests[*accepted])) throw_out();
    return code;
  }
 private:
  static bool has_unknown_flag(const Request& r) { return (r.flags & ~kIgnoreEos) != 0; }

  // In a function of its own, as a compiler that sees it says what it leads to.
  [[noreturn]] static void throw_out() { throw std::runtime_error("unknown request flag"); }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("throws_in_submit", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::ThrowsInSubmit);
