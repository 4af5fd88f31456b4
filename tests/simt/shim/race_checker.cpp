// Races, bounds and uninitialised reads of kernels, byte by byte.
//
// Two accesses of different threads, one of them a write and not both atomic, race unless something
// orders them: a barrier of the block, the end of a launch, or, between blocks, a fence and an atomic
// on one side and an atomic on the same address on the other. Shuffles and votes order nothing.
//
// Time is counted in epochs: each barrier, block and launch begins a new one. Blocks run one after the
// other here, but may run in any order on a GPU: what an earlier block of the same launch did is as
// little ordered as what a neighbour does now.
// SPDX-License-Identifier: Apache-2.0
#include "race_checker.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "launch.hpp"
#include "race_hooks.hpp"
#include "race_report.hpp"
#include "thread_block.hpp"

extern "C" const char __executable_start;
extern "C" const char _end;

namespace simt {
namespace {

using Epoch = std::uint32_t;

constexpr std::size_t kDeviceBytes = std::size_t{2} << 30U;  // of address space
constexpr std::size_t kGapBytes = 256;                       // between arrays: nobody's

// The last accesses of one byte.
struct Cell {
  Epoch write_epoch;
  CodePlace write_place;
  Epoch read_epoch;
  Epoch earlier_read_epoch;  // in a block before the one that read last
  CodePlace read_place;
  std::uint16_t write_thread;
  std::uint16_t read_thread;
  bool is_atomic_write;
  bool has_many_readers;  // in read_epoch
};

enum class Byte : std::uint8_t { nobodys, unwritten, written };

template <class T>
T* reserve(std::size_t count) {
  void* const memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw Error("no address space for the race checker");
  return static_cast<T*>(memory);
}

// Memory that is watched, and what is known of it.
struct Region {
  const char* name;
  const unsigned char* begin = nullptr;
  std::size_t bytes = 0;
  Cell* cells = nullptr;
  Byte* state = nullptr;

  bool holds(const void* address) const { return offset_of(address) < bytes; }
  std::size_t offset_of(const void* address) const {
    return static_cast<std::size_t>(static_cast<const unsigned char*>(address) - begin);
  }
  void set(std::size_t offset, std::size_t count, Byte byte) {
    std::fill_n(state + offset, count, byte);
  }
};

// A fence followed by an atomic: what the thread's block had done before its last barrier, and what the
// thread itself had done, is visible to whoever sees the atomic.
struct Publication {
  Epoch first;
  Epoch last;
  unsigned thread;
};

struct State {
  Region shared{.name = "shared"};
  Region device{.name = "global"};
  std::size_t device_used = 0;
  std::map<void*, std::size_t> arrays;  // of device memory

  const char* arguments = nullptr;
  std::size_t argument_bytes = 0;

  Epoch now = 1;
  Epoch block_begin = 1;
  Epoch launch_begin = 1;
  std::array<bool, kMostThreads> has_fenced{};
  std::map<const void*, std::vector<Publication>> publications;  // by the atomic's address
  std::vector<Publication> seen;                                 // by this block
  bool is_busy = false;                                          // the checker itself copies memory
};

State& state() {
  static State instance;
  return instance;
}

class Checked {
 public:
  Checked(Region& region, const void* address, Access access, const void* place)
      : region_(region),
        offset_(region.offset_of(address)),
        access_(access),
        place_(place_of(place)),
        thread_(this_thread().number) {}

  void check(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i, ++offset_) {
      if (region_.state[offset_] == Byte::nobodys) {
        report("out of bounds", 0, 0);
        return;
      }
      check_byte(region_.cells[offset_]);
    }
  }
 private:
  void check_byte(Cell& cell) {
    const bool are_atomic = access_ == Access::atomic && cell.is_atomic_write;
    const bool is_written = region_.state[offset_] == Byte::written;
    if (is_written && cell.write_epoch != 0 && !are_atomic &&
        !is_ordered(cell.write_epoch, cell.write_thread)) {
      report(access_ == Access::read ? "read races with write" : "write races with write",
             cell.write_place, cell.write_thread);
    }
    if (access_ != Access::write && !is_written) report("uninitialised memory is read", 0, 0);
    if (access_ == Access::read) {
      note_read(cell);
    } else {
      if (was_read_by_others(cell)) {
        report("write races with read", cell.read_place, cell.read_thread);
      }
      note_write(cell);
    }
  }

  static bool is_published(Epoch epoch, unsigned thread) {
    const auto& seen = state().seen;
    return std::any_of(seen.begin(), seen.end(), [&](const Publication& p) {
      return epoch >= p.first && (epoch < p.last || (epoch == p.last && thread == p.thread));
    });
  }

  bool is_ordered(Epoch epoch, unsigned thread) const {
    const State& s = state();
    if (epoch < s.launch_begin) return true;
    if (epoch < s.block_begin) return is_published(epoch, thread);
    return epoch < s.now || thread == thread_;
  }

  bool was_read_by_others(const Cell& cell) const {
    const State& s = state();
    if (cell.read_epoch == s.now && (cell.has_many_readers || cell.read_thread != thread_)) {
      return true;
    }
    const auto by_another_block = [&](Epoch epoch) {
      return epoch >= s.launch_begin && epoch < s.block_begin;
    };
    return &region_ == &s.device &&
           (by_another_block(cell.read_epoch) || by_another_block(cell.earlier_read_epoch));
  }

  void note_read(Cell& cell) const {
    const State& s = state();
    if (cell.read_epoch == s.now) {
      cell.has_many_readers = cell.has_many_readers || cell.read_thread != thread_;
    } else {
      if (cell.read_epoch < s.block_begin) cell.earlier_read_epoch = cell.read_epoch;
      cell.read_epoch = s.now;
      cell.has_many_readers = false;
    }
    cell.read_thread = static_cast<std::uint16_t>(thread_);
    cell.read_place = place_;
  }

  void note_write(Cell& cell) {
    cell.write_epoch = state().now;
    cell.write_thread = static_cast<std::uint16_t>(thread_);
    cell.write_place = place_;
    cell.is_atomic_write = access_ == Access::atomic;
    region_.state[offset_] = Byte::written;
  }

  void report(const char* what, CodePlace other_place, unsigned other_thread) const {
    report_race({.what = what,
                 .place = place_,
                 .thread = thread_,
                 .other_place = other_place,
                 .other_thread = other_thread,
                 .block = this_block().number(),
                 .memory = region_.name,
                 .offset = offset_});
  }

  Region& region_;
  std::size_t offset_;
  Access access_;
  CodePlace place_;
  unsigned thread_;
};

// An atomic on device memory: this block now knows what was published there, and publishes.
void publish(const void* address) {
  State& s = state();
  const unsigned thread = this_thread().number;
  std::vector<Publication>& here = s.publications[address];
  s.seen.insert(s.seen.end(), here.begin(), here.end());
  if (s.has_fenced[thread]) here.push_back({s.block_begin, s.now, thread});
}

bool is_kernels_own(const void* address) {
  const State& s = state();
  const auto* const at = static_cast<const char*>(address);
  return this_block().is_stack(address) || this_block().is_thread_data(address) ||
         (at >= &__executable_start && at < &_end) ||
         static_cast<std::size_t>(at - s.arguments) < s.argument_bytes;
}

// False: neither shared nor device memory.
bool check_watched(const void* address, std::size_t bytes, Access access, const void* place) {
  State& s = state();
  for (Region* const region : {&s.shared, &s.device}) {
    if (!region->holds(address)) continue;
    if (access == Access::atomic && region == &s.device) publish(address);
    Checked(*region, address, access, place).check(bytes);
    return true;
  }
  return false;
}

// The checker's own copies are no accesses of a kernel.
class Busy {
 public:
  Busy() : was_(state().is_busy) { state().is_busy = true; }
  ~Busy() { state().is_busy = was_; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

  bool is_nested() const { return was_; }
 private:
  bool was_;
};

void begin_launch(const void* arguments, std::size_t bytes) {
  State& s = state();
  s.launch_begin = s.now + 1;
  s.publications.clear();
  s.arguments = static_cast<const char*>(arguments);
  s.argument_bytes = bytes;
}

void begin_block(unsigned char* arena, std::size_t bytes) {
  const Busy busy;
  State& s = state();
  if (s.shared.cells == nullptr) {
    s.shared.cells = reserve<Cell>(bytes);
    s.shared.state = reserve<Byte>(bytes);
  }
  s.shared.begin = arena;
  s.shared.bytes = bytes;
  s.shared.set(0, bytes, Byte::nobodys);
  s.block_begin = ++s.now;
  s.seen.clear();
  s.has_fenced.fill(false);
}

void add_shared(const void* array, std::size_t bytes) {
  const Busy busy;
  Region& shared = state().shared;
  shared.set(shared.offset_of(array), bytes, Byte::unwritten);
}

void* allocate(std::size_t bytes) {
  State& s = state();
  if (s.device.begin == nullptr) {
    s.device.begin = reserve<unsigned char>(kDeviceBytes);
    s.device.bytes = kDeviceBytes;
    s.device.cells = reserve<Cell>(kDeviceBytes);
    s.device.state = reserve<Byte>(kDeviceBytes);
  }
  const std::size_t offset = s.device_used + kGapBytes;
  s.device_used = (offset + bytes + kGapBytes - 1) / kGapBytes * kGapBytes;
  if (s.device_used > kDeviceBytes) throw Error("the race checker's device memory is used up");
  s.device.set(offset, bytes, Byte::unwritten);
  void* const memory = const_cast<unsigned char*>(s.device.begin) + offset;
  s.arrays[memory] = bytes;
  return memory;
}

void release(void* memory) {
  State& s = state();
  s.device.set(s.device.offset_of(memory), s.arrays.at(memory), Byte::nobodys);
  s.arrays.erase(memory);
}

void host_wrote(void* memory, std::size_t bytes) {
  Region& device = state().device;
  device.set(device.offset_of(memory), bytes, Byte::written);
}

const RaceHooks hooks{
    .begin_launch = begin_launch,
    .begin_block = begin_block,
    .add_shared = add_shared,
    .block_barrier = [] { ++state().now; },
    .fence =
        [] {
          if (is_in_kernel()) state().has_fenced[this_thread().number] = true;
        },
    .atomic = [](const void* target, std::size_t bytes,
                 const void* place) { check_access(target, bytes, Access::atomic, place); },
    .allocate = allocate,
    .release = release,
    .host_wrote = host_wrote,
};

}  // namespace

const RaceHooks* race_hooks = &hooks;

void check_access(const void* address, std::size_t bytes, Access access, const void* place) {
  if (!is_in_kernel()) return;
  const Busy busy;
  if (busy.is_nested() || check_watched(address, bytes, access, place) || is_kernels_own(address)) {
    return;
  }
  report_race({"the host's memory is accessed", place_of(place), this_thread().number, 0, 0,
               this_block().number(), "host", 0});
}

void check_copy(const void* address, std::size_t bytes, Access access, const void* place) {
  if (!is_in_kernel()) return;
  const Busy busy;
  if (!busy.is_nested()) check_watched(address, bytes, access, place);
}

void check_alignment(const void* address, std::size_t bytes, const void* place) {
  if (!is_in_kernel() || reinterpret_cast<std::uintptr_t>(address) % bytes == 0) return;
  report_race({"misaligned access", place_of(place), this_thread().number, 0, 0,
               this_block().number(), "some", 0});
}

}  // namespace simt
