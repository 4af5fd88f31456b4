// Memory straight from the operating system: zero, in huge pages where the system gives them, and
// taken up page by page when first touched, which is what places it near the thread that touches it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace turbomind {

enum class MemoryUseKind {
  dense,   // all of it will be touched: there must be room for it now
  sparse,  // perhaps little of it: costs address space until touched
};

class AnonymousMemory {
 public:
  AnonymousMemory() = default;
  // Aligned to 2 MiB. Throws Error(out_of_memory) that names `purpose` and the size.
  AnonymousMemory(std::size_t bytes, MemoryUseKind kind, const std::string& purpose);
  ~AnonymousMemory();
  AnonymousMemory(AnonymousMemory&& other) noexcept;
  AnonymousMemory& operator=(AnonymousMemory&& other) noexcept;

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
 private:
  std::byte* mapping_ = nullptr;
  std::size_t mapping_size_ = 0;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace turbomind
