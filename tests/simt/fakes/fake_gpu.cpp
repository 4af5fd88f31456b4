// SPDX-License-Identifier: Apache-2.0
#include "fake_gpu.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <stdexcept>

#include "fake_gpu_state.hpp"
#include "simt_host.hpp"

namespace lmbench::test {
namespace {

constexpr std::size_t kArenaBytes = std::size_t{4} << 30U;  // of address space
constexpr std::size_t kCanaryBytes = 256;
constexpr unsigned char kCanary = 0xC5;
constexpr std::size_t kAlignment = 256;
constexpr int kFailingCall = 5;

// Of a process that no test can reach: as whoever started it says.
FakeGpu::Options options_of_environment() {
  FakeGpu::Options options;
  if (const char* const devices = std::getenv("FAKE_GPU_DEVICES")) {
    options.devices = std::stoi(devices);
  }
  if (const char* const bytes = std::getenv("FAKE_GPU_MEMORY_BYTES")) {
    options.memory_bytes = std::stoull(bytes);
  }
  return options;
}

}  // namespace

Machine& machine() {
  static Machine instance;
  return instance;
}

Machine::Machine() {
  void* const memory =
      mmap(nullptr, kArenaBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no address space for the fake GPUs");
  arena = static_cast<unsigned char*>(memory);
  reset(options_of_environment());
  if (const char* const function = std::getenv("FAKE_GPU_FAILURE")) {
    failures[function] = {kFailingCall, cudaErrorLaunchFailure};
  }
  simt::set_submitter([](simt::Stream stream, std::function<void()> kernel) {
    queue_work(stream, [kernel = std::move(kernel)] {
      return [kernel] {
        kernel();
        return true;
      };
    });
  });
}

void Machine::reset(const FakeGpu::Options& wanted) {
  const std::lock_guard lock(mutex);
  options = wanted;
  allocations.clear();
  complaints.clear();
  calls.clear();
  failures.clear();
  sticky.clear();
  used = 0;
  random.seed(wanted.seed);
  mprotect(arena, kArenaBytes, wanted.guards_memory ? PROT_NONE : PROT_READ | PROT_WRITE);
  madvise(arena, kArenaBytes, MADV_DONTNEED);
}

// Memory is open while anyone works with it.
Machine::Access::Access() {
  if (!machine().options.guards_memory) return;
  const std::lock_guard lock(machine().access_mutex);
  if (machine().workers++ == 0) mprotect(machine().arena, kArenaBytes, PROT_READ | PROT_WRITE);
}

Machine::Access::~Access() {
  if (!machine().options.guards_memory) return;
  const std::lock_guard lock(machine().access_mutex);
  if (--machine().workers == 0) mprotect(machine().arena, kArenaBytes, PROT_NONE);
}

// Never handed out again before reset(): what is used after it was freed stays poisoned.
void* Machine::allocate(std::size_t bytes, int device) {
  const std::size_t room = (bytes + kAlignment - 1) / kAlignment * kAlignment + kCanaryBytes;
  std::size_t place = 0;
  {
    const std::lock_guard lock(mutex);
    if (allocated_on(device) + bytes > options.memory_bytes || used + room > kArenaBytes) {
      return nullptr;
    }
    place = used;
    used += room;
    allocations[arena + place] = {bytes, device, true};
  }
  const Access access;
  std::memset(arena + place, 0xFF, bytes);
  std::memset(arena + place + bytes, kCanary, room - bytes);
  return arena + place;
}

std::size_t Machine::allocated_on(int device) const {
  std::size_t bytes = 0;
  for (const auto& [pointer, a] : allocations) {
    if (a.device == device && a.is_live) bytes += a.bytes;
  }
  return bytes;
}

bool Machine::release(void* pointer) {
  const Access access;
  const std::lock_guard lock(mutex);
  const auto found = allocations.find(static_cast<unsigned char*>(pointer));
  if (found == allocations.end() || !found->second.is_live) {
    complaints.push_back("memory was freed that is not allocated");
    return false;
  }
  check_canary(found->first, found->second.bytes);
  std::memset(pointer, 0xFF, found->second.bytes);
  found->second.is_live = false;
  return true;
}

void Machine::check_canary(const unsigned char* begin, std::size_t bytes) {
  const unsigned char* const end = begin + bytes;
  const bool holds =
      std::all_of(end, end + kCanaryBytes, [](unsigned char c) { return c == kCanary; });
  if (!holds) {
    complaints.push_back("written beyond the end of " + std::to_string(bytes) + " bytes");
  }
}

bool Machine::is_device(const void* pointer, std::size_t bytes) {
  const std::lock_guard lock(mutex);
  const auto* const p = static_cast<const unsigned char*>(pointer);
  auto next = allocations.upper_bound(const_cast<unsigned char*>(p));
  if (next == allocations.begin()) return false;
  const auto& [begin, allocation] = *std::prev(next);
  return allocation.is_live && p + bytes <= begin + allocation.bytes;
}

cudaError_t Machine::enter(const char* function, int device) {
  const std::lock_guard lock(mutex);
  const int n = ++calls[function];
  const auto failure = failures.find(function);
  if (failure != failures.end() && failure->second.first == n) return failure->second.second;
  const auto error = sticky.find(device);
  return error == sticky.end() ? cudaSuccess : error->second;
}

std::uint32_t Machine::draw(std::uint32_t below) {
  const std::lock_guard lock(mutex);
  return static_cast<std::uint32_t>(random() % below);
}

// True: the queue is empty.
bool FakeStream::run(std::size_t items) {
  while (items > 0 && !queue.empty()) {
    try {
      const Machine::Access access;
      if (!queue.front()()) return false;
    } catch (const std::exception& e) {
      const std::lock_guard lock(machine().mutex);
      machine().complaints.push_back(e.what());
      machine().sticky[device] = cudaErrorLaunchFailure;
      queue.clear();
      return true;
    }
    queue.pop_front();
    --items;
  }
  return queue.empty();
}

cudaError_t queue_work(cudaStream_t handle, std::function<StreamWork()> make) {
  auto* const stream = reinterpret_cast<FakeStream*>(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (stream->capture != nullptr) {
    stream->capture->push_back(std::move(make));
    return cudaSuccess;
  }
  stream->queue.push_back(make());
  if (machine().options.schedule == Schedule::immediate) stream->run(stream->queue.size());
  return cudaSuccess;
}

void watch_collectives(std::function<bool()> waits) {
  machine().collective_waits = std::move(waits);
}

void refuse_while_collectives_wait(const char* function) {
  if (!machine().collective_waits || !machine().collective_waits()) return;
  complain(std::string(function) + " while a collective waits for another rank");
}

void complain(const std::string& text) {
  const std::lock_guard lock(machine().mutex);
  machine().complaints.push_back(text);
}

void count_call(const std::string& function) {
  const std::lock_guard lock(machine().mutex);
  ++machine().calls[function];
}

bool is_device_memory(const void* pointer, std::size_t bytes) {
  return machine().is_device(pointer, bytes);
}

void FakeGpu::reset(const Options& options) { machine().reset(options); }

void FakeGpu::fail_call(const std::string& function, int n, cudaError_t error) {
  const std::lock_guard lock(machine().mutex);
  machine().failures[function] = {machine().calls[function] + n, error};
}

int FakeGpu::calls(const std::string& function) {
  const std::lock_guard lock(machine().mutex);
  return machine().calls[function];
}

std::vector<std::string> FakeGpu::complaints() {
  const Machine::Access access;
  const std::lock_guard lock(machine().mutex);
  std::size_t lost = 0;
  for (const auto& [begin, allocation] : machine().allocations) {
    if (!allocation.is_live) continue;
    machine().check_canary(begin, allocation.bytes);
    ++lost;
  }
  std::vector<std::string> all = machine().complaints;
  if (lost > 0) all.push_back(std::to_string(lost) + " pieces of device memory were not freed");
  return all;
}

std::size_t FakeGpu::allocated_bytes() {
  const std::lock_guard lock(machine().mutex);
  std::size_t bytes = 0;
  for (const auto& [begin, allocation] : machine().allocations) {
    if (allocation.is_live) bytes += allocation.bytes;
  }
  return bytes;
}

}  // namespace lmbench::test
