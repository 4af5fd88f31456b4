// What the race checker is told, where it is linked in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace simt {

struct RaceHooks {
  // The arguments of the kernel are memory that it may read.
  void (*begin_launch)(const void* arguments, std::size_t bytes);
  void (*begin_block)(unsigned char* arena, std::size_t bytes);
  void (*add_shared)(const void* array, std::size_t bytes);
  void (*block_barrier)();
  void (*fence)();
  void (*atomic)(const void* target, std::size_t bytes, const void* place);
  void* (*allocate)(std::size_t bytes);
  void (*release)(void* memory);
  void (*host_wrote)(void* memory, std::size_t bytes);
};

extern const RaceHooks* race_hooks;  // null: no checker

// What it has found since the last call, a sentence each.
std::vector<std::string> take_race_reports();

}  // namespace simt
