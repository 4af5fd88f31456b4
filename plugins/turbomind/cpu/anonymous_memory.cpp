// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/anonymous_memory.hpp"

#include <sys/mman.h>

#include <lmbench/plugin.hpp>
#include <utility>

namespace turbomind {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;

}  // namespace

AnonymousMemory::AnonymousMemory(std::size_t bytes, MemoryUseKind kind,
                                 const std::string& purpose) {
  if (bytes == 0) return;
  const int lazy = kind == MemoryUseKind::sparse ? MAP_NORESERVE : 0;
  mapping_size_ = (bytes + 2 * kHugePage - 1) / kHugePage * kHugePage;
  void* const mapping = mmap(nullptr, mapping_size_, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | lazy, -1, 0);
  if (mapping == MAP_FAILED) {
    throw lmbench::sdk::Error(lmbench::Code::out_of_memory,
                              "no memory for " + purpose + ": " +
                                  std::to_string((bytes + (1U << 20U) - 1) >> 20U) + " MiB");
  }
  mapping_ = static_cast<std::byte*>(mapping);
  const std::size_t misplaced = reinterpret_cast<std::uintptr_t>(mapping) % kHugePage;
  data_ = mapping_ + (kHugePage - misplaced) % kHugePage;
  size_ = bytes;
  madvise(data_, size_, MADV_HUGEPAGE);  // a wish
}

AnonymousMemory::~AnonymousMemory() {
  if (mapping_ != nullptr) munmap(mapping_, mapping_size_);
}

AnonymousMemory::AnonymousMemory(AnonymousMemory&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      mapping_size_(std::exchange(other.mapping_size_, 0)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

AnonymousMemory& AnonymousMemory::operator=(AnonymousMemory&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapping_size_, other.mapping_size_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace turbomind
