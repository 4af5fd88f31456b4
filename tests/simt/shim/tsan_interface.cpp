// Kernels that are compiled with -fsanitize=thread call these functions at every access. Linked without
// it, the calls arrive here instead of in the sanitizer's own library.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "race_checker.hpp"

using simt::Access;
using simt::check_access;
using simt::check_alignment;
using simt::check_copy;

#define PLACE __builtin_return_address(0)

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void* /*caller*/) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void** /*target*/, void* /*value*/) {}
void __tsan_vptr_read(void** /*target*/) {}

#define SIMT_ACCESS(bytes)                              \
  void __tsan_read##bytes(void* address) {              \
    check_alignment(address, bytes, PLACE);             \
    check_access(address, bytes, Access::read, PLACE);  \
  }                                                     \
  void __tsan_write##bytes(void* address) {             \
    check_alignment(address, bytes, PLACE);             \
    check_access(address, bytes, Access::write, PLACE); \
  }                                                     \
  void __tsan_unaligned_read##bytes(void* address) {    \
    check_access(address, bytes, Access::read, PLACE);  \
  }                                                     \
  void __tsan_unaligned_write##bytes(void* address) {   \
    check_access(address, bytes, Access::write, PLACE); \
  }                                                     \
  void __tsan_volatile_read##bytes(void* address) {     \
    check_access(address, bytes, Access::read, PLACE);  \
  }                                                     \
  void __tsan_volatile_write##bytes(void* address) {    \
    check_access(address, bytes, Access::write, PLACE); \
  }
SIMT_ACCESS(1)
SIMT_ACCESS(2)
SIMT_ACCESS(4)
SIMT_ACCESS(8)
SIMT_ACCESS(16)
#undef SIMT_ACCESS

void __tsan_read_range(void* address, std::size_t bytes) {
  check_access(address, bytes, Access::read, PLACE);
}
void __tsan_write_range(void* address, std::size_t bytes) {
  check_access(address, bytes, Access::write, PLACE);
}

// Compilers turn copies of structs into calls, which the linker sends here (--wrap).
void* __real_memcpy(void* target, const void* source, std::size_t bytes);
void* __real_memmove(void* target, const void* source, std::size_t bytes);
void* __real_memset(void* target, int value, std::size_t bytes);

void* __wrap_memcpy(void* target, const void* source, std::size_t bytes) {
  check_copy(source, bytes, Access::read, PLACE);
  check_copy(target, bytes, Access::write, PLACE);
  return __real_memcpy(target, source, bytes);
}
void* __wrap_memmove(void* target, const void* source, std::size_t bytes) {
  check_copy(source, bytes, Access::read, PLACE);
  check_copy(target, bytes, Access::write, PLACE);
  return __real_memmove(target, source, bytes);
}
void* __wrap_memset(void* target, int value, std::size_t bytes) {
  check_copy(target, bytes, Access::write, PLACE);
  return __real_memset(target, value, bytes);
}

void* __tsan_memcpy(void* target, const void* source, std::size_t bytes) {
  check_access(source, bytes, Access::read, PLACE);
  check_access(target, bytes, Access::write, PLACE);
  return __real_memcpy(target, source, bytes);
}
void* __tsan_memmove(void* target, const void* source, std::size_t bytes) {
  check_access(source, bytes, Access::read, PLACE);
  check_access(target, bytes, Access::write, PLACE);
  return __real_memmove(target, source, bytes);
}
void* __tsan_memset(void* target, int value, std::size_t bytes) {
  check_access(target, bytes, Access::write, PLACE);
  return __real_memset(target, value, bytes);
}

}  // extern "C"
