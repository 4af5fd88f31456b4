// SPDX-License-Identifier: Apache-2.0
#include "thread_block.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>

#include "barrier_mutation.hpp"
#include "launch.hpp"
#include "race_hooks.hpp"

namespace simt {
namespace {

thread_local ThreadBlock* current_block = nullptr;

template <class Container>
void shuffle(Container& values, unsigned count, Random& random) {
  for (unsigned i = count; i > 1; --i) std::swap(values[i - 1], values[random(i)]);
}

}  // namespace

ThreadBlock& this_block() { return *current_block; }
DeviceThread& this_thread() { return current_block->running(); }
bool is_in_kernel() { return current_block != nullptr; }

std::string place_text(const char* file, int line) {
  if (file == nullptr) return "?";
  const char* const slash = std::strrchr(file, '/');
  return std::string(slash == nullptr ? file : slash + 1) + ":" + std::to_string(line);
}

ThreadBlock::ThreadBlock()
    : stacks_(kMostThreads), threads_(kMostThreads), warps_(kMostThreads / kWarpLanes) {}

void ThreadBlock::run(const BlockWork& work) {
  work_ = &work;
  count_ = static_cast<unsigned>(work.block.count());
  alive_ = count_;
  at_barrier_ = 0;
  failure_.clear();
  random_ = Random(work.seed + work.number * 0xBF58476D1CE4E5B9U);
  draws_each_time_ = schedule().order == Order::random && random_(2) == 0;
  shared_.clear();
  place_threads();
  caller_ = context_of_this_thread();
  ThreadBlock* const outer = std::exchange(current_block, this);
  running_ = next_ready();
  switch_context(caller_, running_->context);
  current_block = outer;
  if (!failure_.empty()) throw Error(failure_);
}

// Every thread is ready. Priorities decide who runs on until it has to wait.
void ThreadBlock::place_threads() {
  ready_.fill(0);
  const unsigned warps = (count_ + kWarpLanes - 1) / kWarpLanes;
  std::array<unsigned, kMostThreads / kWarpLanes> warp_order;
  std::array<unsigned, kWarpLanes> lane_order;
  std::iota(warp_order.begin(), warp_order.end(), 0U);
  std::iota(lane_order.begin(), lane_order.end(), 0U);
  if (schedule().order == Order::random && count_ % kWarpLanes == 0) {
    shuffle(warp_order, warps, random_);
    shuffle(lane_order, kWarpLanes, random_);
  }
  for (unsigned w = 0; w < warps; ++w) {
    const unsigned lanes = std::min(kWarpLanes, count_ - w * kWarpLanes);
    warps_[w].alive = lanes == kWarpLanes ? ~0U : (1U << lanes) - 1;
    warps_[w].meetings.clear();
  }
  for (unsigned i = 0; i < count_; ++i) {
    DeviceThread& thread = threads_[i];
    thread.number = i;
    thread.index = {i % work_->block.x, i / work_->block.x % work_->block.y,
                    i / work_->block.x / work_->block.y};
    thread.block_index = work_->index;
    thread.grid = work_->grid;
    thread.waits_for = nullptr;
    thread.priority = schedule().order == Order::reverse
                          ? count_ - 1 - i
                          : warp_order[thread.warp()] * kWarpLanes + lane_order[thread.lane()];
    at_priority_[thread.priority] = i;
    thread.context = stacks_.begin(i, enter_fiber);
    set_ready(thread);
  }
}

void ThreadBlock::set_ready(DeviceThread& thread) {
  thread.state = DeviceThread::State::ready;
  ready_[thread.priority / 64] |= std::uint64_t{1} << thread.priority % 64;
}

// Takes the first that is ready, from the top or from a place that is drawn.
DeviceThread* ThreadBlock::next_ready() {
  const unsigned words = (count_ + 63) / 64;
  const unsigned start = draws_each_time_ ? random_(count_) : 0;
  for (unsigned i = 0; i <= words; ++i) {
    const unsigned word = (start / 64 + i) % words;
    std::uint64_t bits = ready_[word];
    if (i == 0) bits &= ~std::uint64_t{0} << start % 64;
    if (bits == 0) continue;
    const auto bit = static_cast<unsigned>(__builtin_ctzll(bits));
    ready_[word] &= ~(std::uint64_t{1} << bit);
    return &threads_[at_priority_[word * 64 + bit]];
  }
  return nullptr;
}

void ThreadBlock::go_on_as(DeviceThread& thread, bool is_last) {
  Context& own = running_->context;
  running_ = &thread;
  switch_context(own, thread.context, is_last);
}

void ThreadBlock::enter_fiber() {
  ThreadBlock& block = this_block();
  DeviceThread& thread = block.running();
  arrive_at(thread.context);
  if (block.run_kernel(thread)) {
    block.go_on_as(*block.running_, true);
  }
  switch_context(thread.context, block.caller_, true);
}

// An Error is thrown on the failing thread's own stack and ends here; the block's other threads are
// left where they stand: kernels hold nothing that would be lost.
bool ThreadBlock::run_kernel(DeviceThread& thread) {
  try {
    work_->kernel.call(work_->kernel.arguments);
    end(thread);
  } catch (const std::exception& e) {
    failure_ = e.what();
    return false;
  }
  if (alive_ == 0) return false;
  DeviceThread* const next = next_ready();
  if (next == nullptr) {
    failure_ = "no thread of the block can go on" + who_waits_where();
    return false;
  }
  thread.context.stack_pointer = nullptr;
  running_ = next;
  return true;
}

void ThreadBlock::end(DeviceThread& thread) {
  thread.state = DeviceThread::State::ended;
  --alive_;
  Warp& warp = warps_[thread.warp()];
  warp.alive &= ~(1U << thread.lane());
  if (at_barrier_ > 0) {
    fail("returned while others wait in __syncthreads at " +
             place_text(barrier_file_, barrier_line_),
         nullptr, 0);
  }
  try_to_meet(warp, thread.warp() * kWarpLanes);
}

void ThreadBlock::wait(const char* what, const char* file, int line) {
  running_->waits_for = what;
  running_->file = file;
  running_->line = line;
  DeviceThread* const next = next_ready();
  if (next == nullptr) fail("no thread of the block can go on" + who_waits_where(), file, line);
  if (next != running_) go_on_as(*next, false);
}

void ThreadBlock::barrier(const char* file, int line) {
  if (is_left_out(file, line)) return;
  if (alive_ != count_) {
    fail("__syncthreads after " + std::to_string(count_ - alive_) + " threads have returned", file,
         line);
  }
  if (at_barrier_ > 0 && (line != barrier_line_ || std::strcmp(file, barrier_file_) != 0)) {
    fail("divergent __syncthreads: others wait at " + place_text(barrier_file_, barrier_line_),
         file, line);
  }
  barrier_file_ = file;
  barrier_line_ = line;
  running_->state = DeviceThread::State::waiting;
  if (++at_barrier_ == alive_) release_barrier();
  wait("__syncthreads", file, line);
}

void ThreadBlock::release_barrier() {
  at_barrier_ = 0;
  if (race_hooks != nullptr) race_hooks->block_barrier();
  for (unsigned i = 0; i < count_; ++i) set_ready(threads_[i]);
}

void ThreadBlock::meet(unsigned mask, WarpMeeting::Exchange exchange, void* argument,
                       const char* name, const char* file, int line) {
  const unsigned lane = running_->lane();
  Warp& warp = warps_[running_->warp()];
  if ((mask >> lane & 1U) == 0) {
    fail(std::string(name) + ": the mask does not name the calling lane " + std::to_string(lane),
         file, line);
  }
  WarpMeeting* meeting = nullptr;
  for (WarpMeeting& known : warp.meetings) {
    if (known.mask == mask) {
      meeting = &known;
    } else if ((known.mask & mask) != 0) {
      fail(std::string(name) + ": the mask overlaps that of " + known.name + " at " +
               place_text(known.file, known.line),
           file, line);
    }
  }
  if (meeting == nullptr) {
    meeting = &warp.meetings.emplace_back(WarpMeeting{mask, 0, exchange, name, file, line, {}});
  }
  if (meeting->exchange != exchange) {
    fail(std::string(name) + ": other lanes of the mask are in " + meeting->name + " at " +
             place_text(meeting->file, meeting->line),
         file, line);
  }
  meeting->arguments[lane] = argument;
  meeting->arrived |= 1U << lane;
  running_->state = DeviceThread::State::waiting;
  try_to_meet(warp, running_->warp() * kWarpLanes);
  wait(name, file, line);
}

void ThreadBlock::try_to_meet(Warp& warp, unsigned first_thread) {
  for (std::size_t i = 0; i < warp.meetings.size(); ++i) {
    const unsigned expected = warp.meetings[i].mask & warp.alive;
    if (expected == 0 || warp.meetings[i].arrived != expected) continue;
    const WarpMeeting meeting = warp.meetings[i];
    warp.meetings.erase(warp.meetings.begin() + static_cast<std::ptrdiff_t>(i));
    meeting.exchange(meeting.arguments.data(), meeting.arrived);
    for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
      if ((meeting.arrived >> lane & 1U) != 0) set_ready(threads_[first_thread + lane]);
    }
    return;
  }
}

void* ThreadBlock::shared_array(const void* place, std::size_t bytes, const char* name) {
  return shared_.array(place, bytes, name);
}

void ThreadBlock::maybe_give_way() {
  if (!draws_each_time_ || random_(4) != 0) return;
  set_ready(*running_);
  wait("its turn", nullptr, 0);
}

bool ThreadBlock::is_thread_data(const void* address) const {
  const auto* const at = static_cast<const char*>(address);
  return at >= reinterpret_cast<const char*>(threads_.data()) &&
         at < reinterpret_cast<const char*>(threads_.data() + threads_.size());
}

void ThreadBlock::fail(const std::string& what, const char* file, int line) const {
  const uint3& block = work_->index;
  throw Error("block (" + std::to_string(block.x) + "," + std::to_string(block.y) + "," +
              std::to_string(block.z) + ") thread " + std::to_string(running_->number) +
              (file == nullptr ? "" : " at " + place_text(file, line)) + ": " + what);
}

std::string ThreadBlock::who_waits_where() const {
  std::map<std::string, std::vector<unsigned>> groups;
  for (unsigned i = 0; i < count_; ++i) {
    const DeviceThread& thread = threads_[i];
    const bool has_ended = thread.state == DeviceThread::State::ended;
    groups[has_ended ? "have returned"
                     : std::string("wait in ") + thread.waits_for + " at " +
                           place_text(thread.file, thread.line)]
        .push_back(i);
  }
  std::string text = " (deadlock):";
  for (const auto& [what, threads] : groups) {
    text += "\n    " + std::to_string(threads.size()) + " threads " + what + ":";
    for (std::size_t i = 0; i < std::min<std::size_t>(threads.size(), 6); ++i) {
      text += " " + std::to_string(threads[i]);
    }
    if (threads.size() > 6) text += " ...";
  }
  return text;
}

}  // namespace simt
