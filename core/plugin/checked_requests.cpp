// SPDX-License-Identifier: Apache-2.0
#include "plugin/checked_requests.hpp"

#include <string>

namespace lmbench::plugin {
namespace {

bool is_terminal(const Event& event) { return event.kind != EventKind::tokens; }

}  // namespace

void CheckedRequests::add(ContractRule rule, std::uint64_t request, const std::string& what) const {
  violations_->add(rule, "request " + std::to_string(request) + " " + what);
}

void CheckedRequests::announce(const Request& request) {
  const std::lock_guard lock(mutex_);
  Seen seen;
  seen.min_new_tokens = request.min_new_tokens;
  seen.max_new_tokens = request.max_new_tokens;
  requests_[request.id] = seen;
}

void CheckedRequests::withdraw(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  if (found->second.has_events) {
    add(ContractRule::none_for_refused, id, "was refused and got an event all the same");
  }
  requests_.erase(found);
}

void CheckedRequests::begin(const Event& event) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = event.request;
  if (is_closed_) {
    add(ContractRule::none_after_destroy, id, "got an event after destroy() had returned");
    return;
  }
  const auto found = requests_.find(id);
  if (found == requests_.end()) {
    add(ContractRule::none_for_refused, id, "got an event, but was never accepted");
    return;
  }
  Seen& seen = found->second;
  // One call may hold several events of a request.
  const bool is_elsewhere = seen.deliveries != 0 && seen.deliverer != std::this_thread::get_id();
  ++seen.deliveries;
  seen.deliverer = std::this_thread::get_id();
  if (is_elsewhere) add(ContractRule::in_order, id, "got two events at the same time");
  if (seen.has_ended) {
    if (is_terminal(event)) add(ContractRule::one_terminal, id, "ended twice");
    if (!is_terminal(event)) add(ContractRule::in_order, id, "got tokens after its terminal event");
    return;
  }
  seen.tokens += event.token_count;
  check_fields(event);
  check_claims(event);
  check_first_fields(event, seen);
  check_counts(event, seen);
  if (event.engine_ns != 0 && event.engine_ns < seen.last_engine_ns) {
    add(ContractRule::in_order, id,
        "got an event whose engine_ns lies before that of the last one");
  }
  if (event.engine_ns != 0) seen.last_engine_ns = event.engine_ns;
  seen.has_events = true;
  seen.has_ended = is_terminal(event);
}

void CheckedRequests::end(const Event& event) {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(event.request);
  if (found != requests_.end() && found->second.deliveries != 0) --found->second.deliveries;
}

void CheckedRequests::check_fields(const Event& event) const {
  const auto check = [&](bool is_right, const char* what) {
    if (!is_right) add(ContractRule::fields_as_declared, event.request, what);
  };
  check(event.reserved32 == 0 && event.reserved64 == 0, "got an event with a reserved field set");
  check(event.kind <= EventKind::failed, "got an event of an unknown kind");
  check((event.finish != Finish::none) == (event.kind == EventKind::finished),
        "got an event whose finish does not go with its kind");
  check((event.error != Code::ok) == (event.kind == EventKind::failed),
        "got an event whose error does not go with its kind");
}

void CheckedRequests::check_claims(const Event& event) const {
  if (event.token_count == 0) return;
  if ((capabilities_ & kCapTokenIds) != 0 && event.tokens == nullptr) {
    add(ContractRule::claims_hold, event.request, "got tokens without ids, which are claimed");
  }
  if ((capabilities_ & kCapEngineTime) != 0 && event.engine_ns == 0) {
    add(ContractRule::claims_hold, event.request, "got tokens without engine_ns, which is claimed");
  }
}

void CheckedRequests::check_first_fields(const Event& event, const Seen& seen) const {
  if (!seen.has_events) return;
  if (event.cached_prompt_tokens == 0 && event.admitted_ns == 0) return;
  add(ContractRule::cached_on_first_only, event.request,
      "says in a later event what belongs on its first one");
}

void CheckedRequests::check_counts(const Event& event, const Seen& seen) const {
  const std::string got = "got " + std::to_string(seen.tokens) + " tokens";
  if (seen.tokens > seen.max_new_tokens) {
    add(ContractRule::counts_add_up, event.request,
        got + ", but asked for at most " + std::to_string(seen.max_new_tokens));
  }
  if (event.kind != EventKind::finished) return;
  if (event.finish == Finish::length && seen.tokens < seen.max_new_tokens) {
    add(ContractRule::counts_add_up, event.request,
        "ended by its length of " + std::to_string(seen.max_new_tokens) + ", but " + got);
  }
  if (event.finish == Finish::stop && seen.tokens < seen.min_new_tokens) {
    add(ContractRule::min_and_max_tokens, event.request,
        "stopped before its least length of " + std::to_string(seen.min_new_tokens) + ": it " +
            got);
  }
}

void CheckedRequests::forget_ended() {
  const std::lock_guard lock(mutex_);
  std::erase_if(requests_, [](const auto& known) { return known.second.has_ended; });
}

void CheckedRequests::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (const auto& [id, seen] : requests_) {
    if (seen.has_ended) continue;
    add(ContractRule::ended_by_destroy, id, "never ended, not even by destroy()");
  }
}

}  // namespace lmbench::plugin
