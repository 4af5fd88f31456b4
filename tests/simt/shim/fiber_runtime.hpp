// Private to the runtime (.cc files only).
#pragma once
#include <vector>

#include "simt_host.hpp"
namespace simt {
struct Fiber;
// Filled by the race runtime when it is linked in; null otherwise.
struct RaceHooks {
  void (*launch_begin)(const void* args, size_t bytes);
  void (*block_begin)(unsigned char* arena, size_t arena_size);
  void (*shared_valid)(size_t off, size_t n);
  void (*block_barrier)();
  void (*warp_sync)(unsigned warp, unsigned mask);
  void (*read)(const void*, size_t, void* pc);
  void (*write)(const void*, size_t, void* pc);
  void (*atomic)(const void*, size_t, void* pc);
  void (*fence)();
  void (*dev_alloc)(void*, size_t);
  void (*dev_free)(void*, size_t);
  void (*dev_wrote)(void*, size_t);
};
extern RaceHooks* race;
extern unsigned char* dev_base;  // reserve that device_alloc hands out in race mode
constexpr size_t dev_size = size_t(2) << 30;
struct Loc {
  unsigned lin;
  unsigned block;
};
Loc where();  // current fiber
bool on_fiber_stack(const void*);
bool in_fiber_data(const void*);
}  // namespace simt
