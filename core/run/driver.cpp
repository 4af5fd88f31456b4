// SPDX-License-Identifier: Apache-2.0
#include "run/driver.hpp"

#include <algorithm>

namespace lmbench::run {

Driver::Driver(IGenerationEngine& engine, EventRecorder& recorder, Workload& workload,
               scenario::RoundMode mode)
    : engine_(engine), recorder_(recorder), load_(workload), mode_(mode) {
  pending_.reserve(load_.concurrency);
  batch_.reserve(load_.concurrency);
  for (std::uint32_t slot = 0; slot < load_.requests.size(); ++slot) {
    load_.requests[slot].id = recorder_.id_of(slot);
  }
}

std::optional<Stop> Driver::run(const GoOn& go_on) {
  // In a closed loop the clients go on by themselves after their first requests.
  const std::uint32_t releases =
      mode_ == scenario::RoundMode::closed ? std::min(1U, load_.rounds) : load_.rounds;
  for (std::uint32_t round = 0; round < releases; ++round) {
    release_round(round);
    until_quiet();
    if (stop_) break;
    const std::uint64_t due_ns = load_.table[round * load_.concurrency].due_ns;
    if (go_on && !go_on(due_ns, last_end_ns_)) break;
  }
  return stop_;
}

void Driver::release_round(std::uint32_t round) {
  const std::uint32_t first = round * load_.concurrency;
  for (std::uint32_t i = 0; i < load_.concurrency; ++i) pending_.push_back(first + i);
  const std::uint64_t due_ns = recorder_.now_ns();
  for (const std::uint32_t slot : pending_) load_.table[slot].due_ns = due_ns;
  submit_pending();
}

void Driver::until_quiet() {
  while (in_flight_ != 0) {
    heed(recorder_.wait());
    while (const auto notice = recorder_.poll()) heed(*notice);
    submit_pending();  // what has become due, or was turned away while the engine was full
  }
}

void Driver::submit_pending() {
  if (pending_.empty() || stop_) return;
  const Answer answer = ask_engine();
  in_flight_ += answer.accepted;
  const std::uint32_t refused =
      pending_[std::min<std::size_t>(answer.accepted, pending_.size() - 1)];
  take_back(answer.accepted);
  if (!answer.is_sound) {
    stop({Stop::Cause::contract, answer.code, refused});
  } else if (answer.code == Code::overloaded && in_flight_ != 0) {
    return;  // an end will make room
  } else if (answer.code != Code::ok) {
    stop({Stop::Cause::refused, answer.code, refused});
  }
}

// One submit() call with all that is pending.
Driver::Answer Driver::ask_engine() {
  batch_.clear();
  for (const std::uint32_t slot : pending_) {
    batch_.push_back(load_.requests[slot]);
    recorder_.open(slot);
  }
  const auto count = static_cast<std::uint32_t>(batch_.size());
  std::uint32_t accepted = 0;
  const std::uint64_t submit_ns = recorder_.now_ns();
  const Code code = engine_.submit(batch_.data(), count, &accepted, refusal_.out());
  const std::uint64_t accept_ns = recorder_.now_ns();
  const bool is_sound = accepted <= count && (code == Code::ok) == (accepted == count);
  accepted = std::min(accepted, count);
  for (std::uint32_t i = 0; i < accepted; ++i) {
    load_.table[pending_[i]].submit_ns = submit_ns;
    load_.table[pending_[i]].accept_ns = accept_ns;
  }
  return {code, accepted, is_sound};
}

// Leaves only what was refused.
void Driver::take_back(std::uint32_t accepted) {
  for (std::size_t i = accepted; i < pending_.size(); ++i) {
    if (!recorder_.withdraw(pending_[i])) stop({Stop::Cause::contract, Code::ok, pending_[i]});
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(accepted));
}

void Driver::heed(const Notice& notice) {
  if (!notice.is_end) {
    engine_.cancel(recorder_.id_of(notice.slot));
    return;
  }
  if (load_.table[notice.slot].accept_ns == 0) return;  // of a refused request: take_back() saw it
  --in_flight_;
  const RequestState state = recorder_.state_of(notice.slot);
  last_end_ns_ = std::max(last_end_ns_, state.ended_ns);
  if (state.error != Code::ok) {
    stop({Stop::Cause::failed, state.error, notice.slot});
  } else if (state.tokens < load_.completion_tokens) {
    stop({Stop::Cause::short_output, Code::ok, notice.slot});
  } else if (mode_ == scenario::RoundMode::closed && !stop_) {
    send_next_of_client(notice.slot, state.ended_ns);
  }
}

void Driver::send_next_of_client(std::uint32_t slot, std::uint64_t due_ns) {
  const std::uint32_t next = slot + load_.concurrency;
  if (next >= load_.requests.size()) return;
  load_.table[next].due_ns = due_ns;
  pending_.push_back(next);
}

void Driver::stop(const Stop& why) {
  if (stop_) return;
  stop_ = why;
  for (std::uint32_t slot = 0; slot < load_.requests.size(); ++slot) {
    if (recorder_.is_in_flight(slot)) engine_.cancel(recorder_.id_of(slot));
  }
}

}  // namespace lmbench::run
