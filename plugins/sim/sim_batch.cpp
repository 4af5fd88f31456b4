// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_batch.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace lmbench::sim {
namespace {

void refuse_bad_request(const Request& request) {
  const auto refuse = [](Code code, const std::string& text) { throw sdk::Error(code, text); };
  if ((request.flags & ~kIgnoreEos) != 0) refuse(Code::unsupported, "unknown request flag");
  if (request.id == 0) refuse(Code::invalid_argument, "a request id must not be 0");
  if (request.prompt.size == 0) refuse(Code::invalid_argument, "the prompt is empty");
  if (request.max_new_tokens == 0) refuse(Code::invalid_argument, "max_new_tokens is 0");
  if (request.min_new_tokens > request.max_new_tokens) {
    refuse(Code::invalid_argument, "min_new_tokens is above max_new_tokens");
  }
  if (request.extra.size != 0) {
    refuse(Code::invalid_argument,
           "unknown request key '" + std::string(sdk::view(request.extra.data[0].key)) + "'");
  }
}

std::uint64_t hash_of(TokenView prompt) noexcept {
  std::uint64_t hash = mix(prompt.size);
  for (std::uint64_t i = 0; i < prompt.size; ++i) {
    hash = mix(hash ^ static_cast<std::uint32_t>(prompt.data[i]));
  }
  return hash;
}

}  // namespace

void StepOutput::attach_tokens() noexcept {
  const std::int32_t* next = tokens.data();
  for (Event& event : events) {
    event.tokens = next;
    next += event.token_count;
  }
}

std::uint64_t SimBatch::rounds() const noexcept {
  return ended_ / std::max<std::uint64_t>(1, peak_in_flight_);
}

void SimBatch::expect(std::uint32_t requests) noexcept {
  if (has_struck_ || options_.faults.empty()) return;
  fault_ = options_.faults.front();
  struck_batch_ = options_.fault_concurrency;
  if (options_.faults.size() == 1) return;
  struck_batch_ = in_flight() + requests;
  const std::uint64_t place = struck_batch_ - options_.fault_concurrency;  // wraps where below
  fault_ = place < options_.faults.size() ? options_.faults[place] : Fault::none;
}

void SimBatch::accept(const Request& request, std::uint64_t arrival_ns) {
  refuse_bad_request(request);
  Sequence sequence;
  sequence.id = request.id;
  sequence.prompt_hash = hash_of(request.prompt);
  sequence.arrival_ns = arrival_ns;
  sequence.prompt_tokens = static_cast<std::uint32_t>(request.prompt.size);
  sequence.min_new_tokens = request.min_new_tokens;
  sequence.max_new_tokens = request.max_new_tokens;
  sequence.stop_tokens.assign(request.stop_tokens.data,
                              request.stop_tokens.data + request.stop_tokens.size);
  sequence.is_struck = fault_ != Fault::none && !has_struck_ &&
                       accepted_ >= options_.fault_after_requests &&
                       in_flight() + 1 >= struck_batch_;
  const bool is_struck = sequence.is_struck;
  if (is_struck && fault_ == Fault::refuse) {
    throw sdk::Error(Code::unsupported, "the scripted fault refuse: no such request is taken");
  }
  waiting_.push_back(std::move(sequence));
  has_struck_ = has_struck_ || is_struck;
  ++accepted_;
  peak_in_flight_ = std::max<std::uint64_t>(peak_in_flight_, in_flight());
}

void SimBatch::cancel(std::uint64_t id) noexcept {
  const auto mark = [id](Sequence& sequence) {
    if (sequence.id == id) sequence.is_cancelled = true;
  };
  std::for_each(waiting_.begin(), waiting_.end(), mark);
  std::for_each(running_.begin(), running_.end(), mark);
}

StepShape SimBatch::admit(std::uint64_t& start_ns) {
  StepShape shape;
  const std::size_t old = running_.size();
  while (!waiting_.empty() && running_.size() < options_.max_batch_size) {
    start_ns = std::max(start_ns, waiting_.front().arrival_ns);
    shape.prefill_tokens += waiting_.front().prompt_tokens;
    running_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  for (std::size_t i = old; i < running_.size(); ++i) running_[i].admitted_ns = start_ns;
  shape.sequences = running_.size();
  shape.admitted_sequences = running_.size() - old;
  for (const Sequence& sequence : running_) {
    shape.context_tokens += sequence.prompt_tokens + sequence.made_tokens;
  }
  return shape;
}

bool SimBatch::strikes_now(const Sequence& sequence) const noexcept {
  const bool is_while_running =
      options_.fault_at == FaultAt::first_token || options_.fault_at == FaultAt::mid_decode;
  if (!sequence.is_struck || !is_while_running) return false;
  const bool is_first = options_.fault_at == FaultAt::first_token;
  return sequence.made_tokens == (is_first ? 0 : sequence.max_new_tokens / 2);
}

Fault SimBatch::advance(std::uint64_t end_ns, StepOutput& output) {
  output.clear();
  const bool strikes = std::any_of(running_.begin(), running_.end(),
                                   [this](const auto& sequence) { return strikes_now(sequence); });
  if (strikes && strikes_the_engine(fault_)) return fault_;
  if (strikes && fault_ == Fault::slow) is_slow_ = true;
  end_cancelled(end_ns, output);
  std::size_t left = 0;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    if (!make_token(running_[i], end_ns, output)) continue;
    if (left != i) running_[left] = std::move(running_[i]);
    ++left;
  }
  ended_ += running_.size() - left;
  running_.resize(left);
  output.attach_tokens();
  return Fault::none;
}

// Whether the sequence goes on.
bool SimBatch::make_token(Sequence& sequence, std::uint64_t end_ns, StepOutput& output) const {
  const Fault fault = strikes_now(sequence) ? fault_ : Fault::none;
  if (fault == Fault::oom) {
    deliver(sequence, EventKind::failed, Finish::none, Code::out_of_memory, end_ns, output);
    return false;
  }
  if (fault == Fault::short_output) {
    deliver(sequence, EventKind::finished, Finish::stop, Code::ok, end_ns, output);
    return false;
  }
  if (fault == Fault::unknown_request) deliver_to_nobody(sequence, output);
  std::int32_t token = token_at(sequence.prompt_hash, sequence.made_tokens, options_.vocab_size);
  if (fault == Fault::foreign_token) token = static_cast<std::int32_t>(options_.vocab_size);
  sequence.undelivered.push_back(token);
  if (fault == Fault::wrong_count) sequence.undelivered.push_back(token);
  ++sequence.made_tokens;
  const bool stops = sequence.made_tokens >= sequence.min_new_tokens &&
                     std::find(sequence.stop_tokens.begin(), sequence.stop_tokens.end(), token) !=
                         sequence.stop_tokens.end();
  if (stops || sequence.made_tokens == sequence.max_new_tokens) {
    const Finish finish = stops ? Finish::stop : Finish::length;
    deliver(sequence, EventKind::finished, finish, Code::ok, end_ns, output);
    if (sequence.is_struck && fault_ == Fault::double_terminal) {
      deliver(sequence, EventKind::finished, finish, Code::ok, end_ns, output);
    }
    return false;
  }
  if (sequence.undelivered.size() >= options_.tokens_per_event) {
    deliver(sequence, EventKind::tokens, Finish::none, Code::ok, end_ns, output);
  }
  return true;
}

void SimBatch::deliver(Sequence& sequence, EventKind kind, Finish finish, Code error,
                       std::uint64_t end_ns, StepOutput& output) const {
  Event event{};
  event.request = sequence.id;
  event.engine_ns = end_ns;
  event.token_count = static_cast<std::uint32_t>(sequence.undelivered.size());
  event.kind = kind;
  event.finish = finish;
  event.error = error;
  if (!sequence.has_delivered) event.admitted_ns = sequence.admitted_ns;
  if (!sequence.has_delivered && sequence.is_struck && fault_ == Fault::cached_prompt) {
    event.cached_prompt_tokens = sequence.prompt_tokens;
  }
  output.tokens.insert(output.tokens.end(), sequence.undelivered.begin(),
                       sequence.undelivered.end());
  output.events.push_back(event);
  sequence.undelivered.clear();
  sequence.has_delivered = true;
}

void SimBatch::deliver_to_nobody(const Sequence& sequence, StepOutput& output) const {
  constexpr std::uint64_t kFarAway = std::uint64_t{1} << 24U;  // no case has so many requests here
  Event event{};
  event.request = sequence.id + kFarAway;
  event.token_count = 1;
  output.tokens.push_back(static_cast<std::int32_t>(kSpecialTokens));
  output.events.push_back(event);
}

void SimBatch::end_cancelled(std::uint64_t end_ns, StepOutput& output) {
  const std::size_t before = in_flight();
  const auto end_if_cancelled = [&](Sequence& sequence) {
    if (!sequence.is_cancelled) return;
    deliver(sequence, EventKind::finished, Finish::cancelled, Code::ok, end_ns, output);
  };
  const auto is_cancelled = [](const Sequence& sequence) { return sequence.is_cancelled; };
  std::for_each(running_.begin(), running_.end(), end_if_cancelled);
  std::for_each(waiting_.begin(), waiting_.end(), end_if_cancelled);
  std::erase_if(running_, is_cancelled);
  std::erase_if(waiting_, is_cancelled);
  ended_ += before - in_flight();
}

void SimBatch::end_all(Code error, StepOutput& output) {
  output.clear();
  const bool is_cancelled = error == Code::ok;
  const auto end = [&](Sequence& sequence) {
    deliver(sequence, is_cancelled ? EventKind::finished : EventKind::failed,
            is_cancelled ? Finish::cancelled : Finish::none, error, 0, output);
  };
  std::for_each(running_.begin(), running_.end(), end);
  std::for_each(waiting_.begin(), waiting_.end(), end);
  ended_ += in_flight();
  running_.clear();
  waiting_.clear();
  output.attach_tokens();
}

}  // namespace lmbench::sim
