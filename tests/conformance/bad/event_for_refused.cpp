// A request that is refused as unsupported gets an event that says so.
// SPDX-License-Identifier: Apache-2.0
#include "honest_engine.hpp"

namespace lmbench::honest_engine {

class EventForRefused final : public HonestEngine {
 public:
  using HonestEngine::HonestEngine;
  virtual ~EventForRefused() = default;

  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    const Code code = HonestEngine::submit(requests, count, accepted, error);
    if (code != Code::unsupported) return code;
    Event event{};
    event.request = requests[*accepted].id;
    event.engine_ns = host()->now_ns();
    event.kind = EventKind::failed;
    event.error = code;
    sink()->on_events(&event, 1);
    return code;
  }
};

}  // namespace lmbench::honest_engine

LMBENCH_PLUGIN("event_for_refused", "1.0.0", lmbench::honest_engine::kCapabilities,
               lmbench::honest_engine::EventForRefused);
