// Threads of execution that hand over to each other by hand, in some ten nanoseconds. ucontext would
// take a system call for each switch, which some sandboxes make microseconds of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace simt {

// A place where execution can go on, and the stack that it has there.
struct Context {
  void* stack_pointer = nullptr;
  void* sanitizer_state = nullptr;
  const void* stack_bottom = nullptr;
  std::size_t stack_bytes = 0;
};

// Stacks with a guard page each.
class FiberStacks {
 public:
  explicit FiberStacks(unsigned count);
  ~FiberStacks();
  FiberStacks(const FiberStacks&) = delete;
  FiberStacks& operator=(const FiberStacks&) = delete;

  // What runs on stack `fiber` begins anew, at entry, which never returns.
  Context begin(unsigned fiber, void (*entry)()) const;

  bool holds(const void* address) const;
 private:
  char* memory_;
  unsigned count_;
};

// The context of the thread of the operating system that calls this.
Context context_of_this_thread();

// Goes on at `to`; returns when someone goes on at `from`. is_last: nobody ever will.
void switch_context(Context& from, Context& to, bool is_last = false);

// The first thing that a fiber does.
void arrive_at(Context& own);

}  // namespace simt
