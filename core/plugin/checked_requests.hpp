// What is known of each request of an engine that is watched, and what its events must obey.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "plugin/contract_violations.hpp"

namespace lmbench::plugin {

// [any]
class CheckedRequests {
 public:
  CheckedRequests(std::uint64_t capabilities, std::shared_ptr<ContractViolations> violations)
      : capabilities_(capabilities), violations_(std::move(violations)) {}

  // Before submit(), as events may come before it returns; and the ones that it did not take.
  void announce(const Request& request);
  void withdraw(std::uint64_t id);

  // Around the events of one call of the sink: they begin, are looked at, and have been passed on.
  void begin(const Event& event);
  void end(const Event& event);

  // After a reset(): what has ended need not be known any more.
  void forget_ended();
  // destroy() has returned: whatever is still open never ended, and no event may come any more.
  void close();
 private:
  struct Seen {
    std::uint32_t min_new_tokens = 0;
    std::uint32_t max_new_tokens = 0;
    std::uint64_t tokens = 0;
    std::uint64_t last_engine_ns = 0;
    bool has_events = false;
    bool has_ended = false;
    std::uint32_t deliveries = 0;  // under way, by
    std::thread::id deliverer;
  };

  void check_fields(const Event& event) const;
  void check_claims(const Event& event) const;
  void check_first_fields(const Event& event, const Seen& seen) const;
  void check_counts(const Event& event, const Seen& seen) const;
  void add(ContractRule rule, std::uint64_t request, const std::string& what) const;

  const std::uint64_t capabilities_;
  const std::shared_ptr<ContractViolations> violations_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Seen> requests_;
  bool is_closed_ = false;
};

}  // namespace lmbench::plugin
