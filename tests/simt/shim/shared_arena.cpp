// SPDX-License-Identifier: Apache-2.0
#include "shared_arena.hpp"

#include <cstring>
#include <string>

#include "address_sanitizer.hpp"
#include "launch.hpp"
#include "race_hooks.hpp"

namespace simt {
namespace {

constexpr std::size_t kArenaBytes = std::size_t{256} * 1024;
constexpr std::size_t kRedZoneBytes = 64;
constexpr std::size_t kAlignment = 128;

}  // namespace

SharedArena::SharedArena()
    : memory_(new (std::align_val_t{kAlignment}) unsigned char[kArenaBytes]) {
  std::memset(memory_.get(), 0xFF, kArenaBytes);
}

SharedArena::~SharedArena() {
  ASAN_UNPOISON_MEMORY_REGION(memory_.get(), kArenaBytes);
  operator delete[](memory_.release(), std::align_val_t{kAlignment});
}

std::size_t SharedArena::size() const { return kArenaBytes; }

void SharedArena::clear() {
  ASAN_UNPOISON_MEMORY_REGION(memory_.get(), kArenaBytes);
  std::memset(memory_.get(), 0xFF, used_);
  ASAN_POISON_MEMORY_REGION(memory_.get(), kArenaBytes);
  arrays_.clear();
  used_ = 0;
  taken_ = 0;
  if (race_hooks != nullptr) race_hooks->begin_block(memory_.get(), kArenaBytes);
}

void* SharedArena::array(const void* place, std::size_t bytes, const char* name) {
  for (const Array& known : arrays_) {
    if (known.place == place) return known.data;
  }
  taken_ += (bytes + 15) / 16 * 16;
  if (taken_ > kMostBytes) {
    throw Error(std::string("the shared array ") + name + " brings the block to " +
                std::to_string(taken_) + " bytes of shared memory, of " +
                std::to_string(kMostBytes));
  }
  unsigned char* const data = memory_.get() + used_;
  used_ = (used_ + bytes + kRedZoneBytes + kAlignment - 1) / kAlignment * kAlignment;
  ASAN_UNPOISON_MEMORY_REGION(data, bytes);
  if (race_hooks != nullptr) race_hooks->add_shared(data, bytes);
  arrays_.push_back({place, data});
  return data;
}

}  // namespace simt
