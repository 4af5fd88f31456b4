// SPDX-License-Identifier: Apache-2.0
#include "run/event_recorder.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <tuple>

namespace lmbench::run {
namespace {

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;

constexpr std::size_t kCacheLine = 64;

enum class Phase : std::uint32_t { idle, in_flight, ended };

// Slot::announced.
constexpr std::uint32_t kEnd = 1;
constexpr std::uint32_t kOverrun = 2;

// A notice is slot + 1, so that 0 means "not written yet", with this bit for an end.
constexpr std::uint32_t kEndBit = 1U << 31U;

constexpr bool is_known(EventKind kind) noexcept {
  return kind == EventKind::tokens || kind == EventKind::finished || kind == EventKind::failed;
}

// Events without tokens that end nothing leave no record: an engine may send any number of them.
constexpr bool leaves_record(const Event& event) noexcept {
  return event.token_count != 0 || event.kind != EventKind::tokens;
}

constexpr bool is_malformed(const Event& event) noexcept {
  return !is_known(event.kind) ||
         (event.kind == EventKind::finished && event.finish == Finish::none) ||
         (event.kind == EventKind::failed && event.error == Code::ok);
}

stats::EventRecord record_of(const Event& event, std::uint64_t stamp_ns, std::uint32_t slot,
                             std::uint32_t mark, std::uint32_t taken) noexcept {
  return {stamp_ns,
          event.engine_ns,
          slot,
          mark,
          taken,
          static_cast<std::uint8_t>(event.kind),
          static_cast<std::uint8_t>(event.finish),
          static_cast<std::uint16_t>(event.error)};
}

}  // namespace

// Written by the one thread that has an event of the request. Atomic, without costing more than
// plain memory, because a broken engine may have two such threads.
struct alignas(kCacheLine) EventRecorder::Slot {
  std::atomic<Phase> phase;
  std::atomic<std::uint32_t> tokens;
  std::atomic<std::uint32_t> cached_prompt_tokens;
  std::atomic<std::uint32_t> announced;
  std::atomic<std::uint64_t> admitted_ns;
  std::atomic<std::uint64_t> ended_ns;
  std::atomic<Finish> finish;
  std::atomic<Code> error;
  std::atomic<bool> has_excess;

  void clear() noexcept {
    phase.store(Phase::idle, memory_order_relaxed);
    tokens.store(0, memory_order_relaxed);
    cached_prompt_tokens.store(0, memory_order_relaxed);
    announced.store(0, memory_order_relaxed);
    admitted_ns.store(0, memory_order_relaxed);
    ended_ns.store(0, memory_order_relaxed);
    finish.store(Finish::none, memory_order_relaxed);
    error.store(Code::ok, memory_order_relaxed);
    has_excess.store(false, memory_order_relaxed);
  }
};

struct EventRecorder::Table {
  Table(std::uint64_t events_wanted, std::uint32_t slots_wanted, std::uint64_t ids_wanted)
      : event_capacity(events_wanted),
        slot_capacity(slots_wanted),
        id_capacity(ids_wanted),
        events(std::make_unique<stats::EventRecord[]>(events_wanted)),
        slots(std::make_unique<Slot[]>(slots_wanted)),
        ids(std::make_unique<std::int32_t[]>(ids_wanted)),
        notices(std::make_unique<std::atomic<std::uint32_t>[]>(std::size_t{slots_wanted} * 2)) {}

  std::uint64_t used_events() const noexcept {
    const std::uint64_t records = claimed.load(memory_order_relaxed) & 0xffff'ffffU;
    return std::min(records, event_limit.load(memory_order_relaxed));
  }

  const std::uint64_t event_capacity;
  const std::uint32_t slot_capacity;
  const std::uint64_t id_capacity;
  const std::unique_ptr<stats::EventRecord[]> events;  // a stamp of 0: claimed, but not written
  const std::unique_ptr<Slot[]> slots;
  const std::unique_ptr<std::int32_t[]> ids;                    // tokens_per_request for each slot
  const std::unique_ptr<std::atomic<std::uint32_t>[]> notices;  // in order, each written once

  // This case's. Changed with nothing in flight, which a broken engine need not respect.
  std::atomic<std::uint32_t> generation = 0;  // 0: no case is open
  std::atomic<std::uint32_t> requests = 0;
  std::atomic<std::uint32_t> tokens_per_request = 0;
  std::atomic<std::uint64_t> event_limit = 0;
  std::atomic<bool> has_token_ids = false;
  std::uint32_t notices_read = 0;  // the driver's
  std::atomic<std::uint32_t> requests_ended = 0;

  // Upper half: tokens seen. Lower half: records claimed.
  alignas(kCacheLine) std::atomic<std::uint64_t> claimed = 0;
  alignas(kCacheLine) std::atomic<std::uint32_t> notices_claimed = 0;
};

struct EventRecorder::Strays {
  std::atomic<std::uint64_t> unknown_requests = 0;
  std::atomic<std::uint64_t> stale_requests = 0;
  std::atomic<std::uint64_t> after_terminal = 0;
  std::atomic<std::uint64_t> malformed = 0;

  ContractBreaks counts() const noexcept {
    return {unknown_requests.load(memory_order_relaxed), stale_requests.load(memory_order_relaxed),
            after_terminal.load(memory_order_relaxed), malformed.load(memory_order_relaxed)};
  }
};

EventRecorder::EventRecorder(Clock clock) : clock_(clock), strays_(std::make_unique<Strays>()) {
  tables_.push_back(std::make_unique<Table>(0, 0, 0));
  table_.store(tables_.back().get(), memory_order_release);
}

EventRecorder::~EventRecorder() = default;

// ---- engine threads -----------------------------------------------------------------------------

void EventRecorder::on_events(const Event* events, std::uint32_t count) noexcept {
  const std::uint64_t stamp_ns = clock_();
  Table& table = *table_.load(memory_order_acquire);
  std::uint64_t tokens = 0;
  std::uint64_t records = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    tokens += events[i].token_count;
    records += leaves_record(events[i]) ? 1 : 0;
  }
  auto next = static_cast<std::uint32_t>(
      table.claimed.fetch_add((tokens << 32U) | records, memory_order_relaxed));
  const std::uint32_t mark = next;
  bool has_news = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (Slot* slot = find(table, events[i].request)) {
      has_news |= take(table, *slot, events[i], stamp_ns, mark, next);
    } else {
      count_stray(events[i].request);
    }
  }
  if (has_news) announce(table, events, count);
}

EventRecorder::Slot* EventRecorder::find(Table& table, std::uint64_t id) noexcept {
  const auto slot = static_cast<std::uint32_t>(id);
  const auto generation = static_cast<std::uint32_t>(id >> 32U);
  if (generation == 0 || generation != table.generation.load(memory_order_acquire)) return nullptr;
  return slot < table.requests.load(memory_order_relaxed) ? &table.slots[slot] : nullptr;
}

// Whether the driver has to hear of it.
bool EventRecorder::take(Table& table, Slot& slot, const Event& event, std::uint64_t stamp_ns,
                         std::uint32_t mark, std::uint32_t& next) noexcept {
  const Phase phase = slot.phase.load(memory_order_relaxed);
  if (phase != Phase::in_flight) {
    auto& strays = phase == Phase::ended ? strays_->after_terminal : strays_->unknown_requests;
    strays.fetch_add(1, memory_order_relaxed);
    return false;
  }
  if (is_malformed(event)) strays_->malformed.fetch_add(1, memory_order_relaxed);
  const bool is_end = event.kind != EventKind::tokens;
  const std::uint32_t seen = slot.tokens.load(memory_order_relaxed);
  const std::uint32_t bound = table.tokens_per_request.load(memory_order_relaxed);
  const std::uint32_t taken = std::min(event.token_count, bound - std::min(seen, bound));
  const auto index = static_cast<std::uint32_t>(&slot - table.slots.get());
  if (taken != 0 && table.has_token_ids.load(memory_order_relaxed)) {
    keep_ids(table, event.tokens, std::uint64_t{index} * bound + seen, taken);
  }
  slot.tokens.store(seen + taken, memory_order_relaxed);
  if (event.cached_prompt_tokens != 0) {
    slot.cached_prompt_tokens.store(event.cached_prompt_tokens, memory_order_relaxed);
  }
  if (event.admitted_ns != 0) slot.admitted_ns.store(event.admitted_ns, memory_order_relaxed);
  if ((taken != 0 || is_end) && next < table.event_limit.load(memory_order_relaxed)) {
    table.events[next++] = record_of(event, stamp_ns, index, mark, taken);
  }
  const bool is_excess = taken != event.token_count;
  if (is_excess) slot.has_excess.store(true, memory_order_relaxed);
  if (is_end) {
    slot.finish.store(event.finish, memory_order_relaxed);
    slot.error.store(event.error, memory_order_relaxed);
    slot.ended_ns.store(stamp_ns, memory_order_relaxed);
    slot.phase.store(Phase::ended, memory_order_relaxed);
  }
  return is_end || is_excess;
}

void EventRecorder::keep_ids(Table& table, const std::int32_t* ids, std::uint64_t offset,
                             std::uint32_t count) noexcept {
  if (ids == nullptr) {
    strays_->malformed.fetch_add(1, memory_order_relaxed);
  } else if (offset + count <= table.id_capacity) {
    std::memcpy(&table.ids[offset], ids, count * sizeof(std::int32_t));
  }
}

// After all events of the call: what the driver hears of, it may take for complete.
void EventRecorder::announce(Table& table, const Event* events, std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    Slot* slot = find(table, events[i].request);
    if (slot == nullptr) continue;
    const bool is_end = slot->phase.load(memory_order_relaxed) == Phase::ended;
    if (!is_end && !slot->has_excess.load(memory_order_relaxed)) continue;
    const std::uint32_t news = is_end ? kEnd : kOverrun;
    if ((slot->announced.fetch_or(news, std::memory_order_acq_rel) & news) != 0) continue;
    const auto index = static_cast<std::uint32_t>(slot - table.slots.get());
    const std::uint32_t place = table.notices_claimed.fetch_add(1, memory_order_relaxed);
    if (place >= std::uint64_t{table.slot_capacity} * 2) return;
    table.notices[place].store((index + 1) | (is_end ? kEndBit : 0), memory_order_release);
  }
  wakeups_.fetch_add(1, memory_order_release);
  wakeups_.notify_one();  // no system call when nobody sleeps
}

void EventRecorder::count_stray(std::uint64_t id) noexcept {
  const Table& table = *table_.load(memory_order_acquire);
  const std::uint64_t now = table.generation.load(memory_order_relaxed);
  const std::uint64_t then = id >> 32U;
  const bool is_stale = then != 0 && (now == 0 || then < now);
  auto& strays = is_stale ? strays_->stale_requests : strays_->unknown_requests;
  strays.fetch_add(1, memory_order_relaxed);
}

// ---- the control thread -------------------------------------------------------------------------

void EventRecorder::begin_phase(const RecorderShape& shape) {
  const std::uint64_t events =
      std::uint64_t{shape.requests} * (std::uint64_t{shape.tokens_per_request} + 2);
  const std::uint64_t ids =
      shape.has_token_ids ? std::uint64_t{shape.requests} * shape.tokens_per_request : 0;
  tokens_before_.store(shape.goes_on ? tokens_seen() : 0, memory_order_relaxed);
  ended_before_.store(shape.goes_on ? requests_ended() : 0, memory_order_relaxed);
  Table* table = tables_.back().get();
  if (events > table->event_capacity || shape.requests > table->slot_capacity ||
      ids > table->id_capacity) {
    tables_.push_back(std::make_unique<Table>(std::max(events, table->event_capacity),
                                              std::max(shape.requests, table->slot_capacity),
                                              std::max(ids, table->id_capacity)));
    table = tables_.back().get();
  } else {
    std::fill_n(table->events.get(), table->used_events(), stats::EventRecord{});
  }
  for (std::uint32_t i = 0; i < shape.requests; ++i) table->slots[i].clear();
  for (std::uint64_t i = 0; i < std::uint64_t{shape.requests} * 2; ++i) {
    table->notices[i].store(0, memory_order_relaxed);
  }
  table->requests.store(shape.requests, memory_order_relaxed);
  table->tokens_per_request.store(shape.tokens_per_request, memory_order_relaxed);
  table->event_limit.store(events, memory_order_relaxed);
  table->has_token_ids.store(shape.has_token_ids, memory_order_relaxed);
  table->notices_read = 0;
  table->requests_ended.store(0, memory_order_relaxed);
  table->claimed.store(0, memory_order_relaxed);
  table->notices_claimed.store(0, memory_order_relaxed);
  if (!shape.goes_on) strays_before_ = strays_->counts();
  table->generation.store(++generation_, memory_order_release);
  table_.store(table, memory_order_release);
}

void EventRecorder::end_phase(stats::CaseRecord& record, std::size_t first_slot) {
  Table& table = *tables_.back();
  table.generation.store(0, memory_order_relaxed);
  const std::span all(table.events.get(), table.used_events());
  const std::size_t before = record.events.size();
  std::uint32_t batch = before == 0 ? 0 : record.events.back().batch + 1;
  record.events.reserve(before + all.size());
  std::copy_if(all.begin(), all.end(), std::back_inserter(record.events),
               [](const stats::EventRecord& event) { return event.t_ns != 0; });
  const std::span added = std::span(record.events).subspan(before);
  // Two engine threads may claim in another order than they read the clock.
  const auto is_before = [](const stats::EventRecord& a, const stats::EventRecord& b) {
    return std::tie(a.t_ns, a.batch) < std::tie(b.t_ns, b.batch);
  };
  if (!std::is_sorted(added.begin(), added.end(), is_before)) {
    std::stable_sort(added.begin(), added.end(), is_before);
  }
  // A call is marked by its first claim until here, now by its running number.
  for (std::size_t i = 0, begin = 0; i < added.size(); ++i) {
    const std::uint32_t mark = added[i].batch;
    if (i != 0 && mark != begin) ++batch;
    begin = mark;
    added[i].batch = batch;
    added[i].slot += static_cast<std::uint32_t>(first_slot);
  }
  const std::span requests = std::span(record.requests).subspan(first_slot);
  for (std::uint32_t i = 0; i < requests.size() && i < table.slot_capacity; ++i) {
    const Slot& slot = table.slots[i];
    requests[i].admit_ns = slot.admitted_ns.load(memory_order_relaxed);
    requests[i].cached_prompt_tokens = slot.cached_prompt_tokens.load(memory_order_relaxed);
  }
}

std::uint64_t EventRecorder::id_of(std::uint32_t slot) const noexcept {
  return (std::uint64_t{generation_} << 32U) | slot;
}

void EventRecorder::open(std::uint32_t slot) noexcept {
  tables_.back()->slots[slot].phase.store(Phase::in_flight, memory_order_relaxed);
}

bool EventRecorder::withdraw(std::uint32_t slot) noexcept {
  Slot& refused = tables_.back()->slots[slot];
  const bool is_untouched = refused.phase.exchange(Phase::idle) == Phase::in_flight &&
                            refused.tokens.load(memory_order_relaxed) == 0;
  if (!is_untouched) strays_->unknown_requests.fetch_add(1, memory_order_relaxed);
  return is_untouched;
}

std::optional<Notice> EventRecorder::poll() noexcept {
  Table& table = *tables_.back();
  if (table.notices_read == table.requests.load(memory_order_relaxed) * 2) return std::nullopt;
  const std::uint32_t notice = table.notices[table.notices_read].load(memory_order_acquire);
  if (notice == 0) return std::nullopt;
  ++table.notices_read;
  const bool is_end = (notice & kEndBit) != 0;
  if (is_end) table.requests_ended.fetch_add(1, memory_order_relaxed);
  return Notice{(notice & ~kEndBit) - 1, is_end};
}

Notice EventRecorder::wait() noexcept {
  while (true) {
    const std::uint32_t seen = wakeups_.load(memory_order_acquire);
    if (const auto notice = poll()) return *notice;
    wakeups_.wait(seen, memory_order_acquire);
  }
}

bool EventRecorder::is_in_flight(std::uint32_t slot) const noexcept {
  return tables_.back()->slots[slot].phase.load(memory_order_relaxed) == Phase::in_flight;
}

RequestState EventRecorder::state_of(std::uint32_t slot) const noexcept {
  const Slot& of = tables_.back()->slots[slot];
  return {of.phase.load(memory_order_relaxed) == Phase::ended,
          of.ended_ns.load(memory_order_relaxed),
          of.tokens.load(memory_order_relaxed),
          of.has_excess.load(memory_order_relaxed),
          of.finish.load(memory_order_relaxed),
          of.error.load(memory_order_relaxed)};
}

std::span<const std::int32_t> EventRecorder::token_ids(std::uint32_t slot) const noexcept {
  const Table& table = *tables_.back();
  if (!table.has_token_ids.load(memory_order_relaxed)) return {};
  const std::uint64_t bound = table.tokens_per_request.load(memory_order_relaxed);
  return {&table.ids[slot * bound], state_of(slot).tokens};
}

ContractBreaks EventRecorder::breaks() const noexcept {
  const ContractBreaks now = strays_->counts();
  return {now.unknown_requests - strays_before_.unknown_requests,
          now.stale_requests - strays_before_.stale_requests,
          now.after_terminal - strays_before_.after_terminal,
          now.malformed - strays_before_.malformed};
}

std::uint64_t EventRecorder::tokens_seen() const noexcept {
  const Table& table = *table_.load(memory_order_acquire);
  return tokens_before_.load(memory_order_relaxed) +
         (table.claimed.load(memory_order_relaxed) >> 32U);
}

std::uint32_t EventRecorder::requests_ended() const noexcept {
  const Table& table = *table_.load(memory_order_acquire);
  return ended_before_.load(memory_order_relaxed) + table.requests_ended.load(memory_order_relaxed);
}

}  // namespace lmbench::run
