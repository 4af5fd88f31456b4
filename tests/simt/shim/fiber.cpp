// SPDX-License-Identifier: Apache-2.0
#include "fiber.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <cstdint>

#include "address_sanitizer.hpp"
#include "launch.hpp"

#ifdef SIMT_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

// Saves what a function call must keep, gives the stack pointer away and takes another's.
extern "C" void simt_switch_stack(void** save, void* to);
#if defined(__x86_64__)
asm(R"(
.text
.type simt_switch_stack,@function
.globl simt_switch_stack
simt_switch_stack:
  pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
  ret
.size simt_switch_stack, .-simt_switch_stack
)");
#elif defined(__aarch64__)
asm(R"(
.text
.type simt_switch_stack,%function
.globl simt_switch_stack
simt_switch_stack:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]; stp x21, x22, [sp, #16]; stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]; stp x27, x28, [sp, #64]; stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]; stp d10, d11, [sp, #112]; stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]; ldp x21, x22, [sp, #16]; ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]; ldp x27, x28, [sp, #64]; ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]; ldp d10, d11, [sp, #112]; ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size simt_switch_stack, .-simt_switch_stack
)");
#else
#error "simt_switch_stack is written for x86-64 and aarch64"
#endif

namespace simt {
namespace {

constexpr std::size_t kGuardBytes = 4096;
#ifdef SIMT_ASAN
constexpr std::size_t kStackBytes = 256 * 1024;  // instrumented frames are large
#else
constexpr std::size_t kStackBytes = 64 * 1024;
#endif
constexpr std::size_t kPitch = kStackBytes + kGuardBytes;

}  // namespace

FiberStacks::FiberStacks(unsigned count) : count_(count) {
  void* const memory = mmap(nullptr, kPitch * count, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw Error("no memory for the stacks of a thread block");
  memory_ = static_cast<char*>(memory);
  for (unsigned i = 0; i < count; ++i) mprotect(memory_ + i * kPitch, kGuardBytes, PROT_NONE);
}

FiberStacks::~FiberStacks() { munmap(memory_, kPitch * count_); }

bool FiberStacks::holds(const void* address) const {
  const auto* const at = static_cast<const char*>(address);
  return at >= memory_ && at < memory_ + kPitch * count_;
}

Context FiberStacks::begin(unsigned fiber, void (*entry)()) const {
  Context context;
  char* const bottom = memory_ + fiber * kPitch + kGuardBytes;
  context.stack_bottom = bottom;
  context.stack_bytes = kStackBytes;
  // Frames of what ran here before were left and not returned from.
  ASAN_UNPOISON_MEMORY_REGION(bottom, kStackBytes);
  // Stacks are alike: without an offset of each, their tops would fall into the same cache sets.
  char* const top = bottom + kStackBytes - fiber * 7 % 32 * 128;
  auto** stack =
      reinterpret_cast<void**>(reinterpret_cast<std::uintptr_t>(top) & ~std::uintptr_t{15});
#if defined(__x86_64__)
  *--stack = nullptr;  // so that entry finds the alignment that a call leaves
  *--stack = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; ++i) *--stack = nullptr;
#else
  stack -= 20;
  for (int i = 0; i < 20; ++i) stack[i] = nullptr;
  stack[11] = reinterpret_cast<void*>(entry);
#endif
  context.stack_pointer = stack;
  return context;
}

Context context_of_this_thread() {
  Context context;
#ifdef SIMT_ASAN
  thread_local const Context own = [] {
    Context found;
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    void* bottom = nullptr;
    pthread_attr_getstack(&attributes, &bottom, &found.stack_bytes);
    pthread_attr_destroy(&attributes);
    found.stack_bottom = bottom;
    return found;
  }();
  context = own;
#endif
  return context;
}

void switch_context(Context& from, Context& to, [[maybe_unused]] bool is_last) {
#ifdef SIMT_ASAN
  __sanitizer_start_switch_fiber(is_last ? nullptr : &from.sanitizer_state, to.stack_bottom,
                                 to.stack_bytes);
#endif
  simt_switch_stack(&from.stack_pointer, to.stack_pointer);
  arrive_at(from);
}

void arrive_at([[maybe_unused]] Context& own) {
#ifdef SIMT_ASAN
  __sanitizer_finish_switch_fiber(own.sanitizer_state, nullptr, nullptr);
#endif
}

}  // namespace simt
