// What the lanes of a warp do together: each lane brings its part, and the last to come makes the
// exchange for all. None of it orders memory, as on a GPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "kernel_language.hpp"
#include "launch.hpp"
#include "thread_block.hpp"

namespace simt {

template <class T>
struct Shuffle {
  T given;
  T taken;
  unsigned source;  // lane
};

template <class T>
void exchange_shuffles(void* const* arguments, unsigned mask) {
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    if ((mask >> lane & 1U) == 0) continue;
    auto& own = *static_cast<Shuffle<T>*>(arguments[lane]);
    if ((mask >> own.source & 1U) == 0) {
      throw Error("shuffle: lane " + std::to_string(lane) + " reads lane " +
                  std::to_string(own.source) + ", which does not take part");
    }
    own.taken = static_cast<const Shuffle<T>*>(arguments[own.source])->given;
  }
}

template <class T>
T shuffle(unsigned mask, T value, unsigned source, const char* name, const char* file, int line) {
  Shuffle<T> own{value, value, source};
  this_block().meet(mask, exchange_shuffles<T>, &own, name, file, line);
  return own.taken;
}

struct Vote {
  bool given;
  bool any;
};

inline void exchange_votes(void* const* arguments, unsigned mask) {
  bool any = false;
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    if ((mask >> lane & 1U) != 0) any = any || static_cast<const Vote*>(arguments[lane])->given;
  }
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    if ((mask >> lane & 1U) != 0) static_cast<Vote*>(arguments[lane])->any = any;
  }
}

}  // namespace simt

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, SIMT_PLACE) {
  const unsigned source = simt::this_thread().lane() ^ static_cast<unsigned>(lanes);
  return simt::shuffle(mask, value, source, "__shfl_xor_sync", file, line);
}

// A lane that has none so far below keeps its own.
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned lanes, SIMT_PLACE) {
  const unsigned lane = simt::this_thread().lane();
  return simt::shuffle(mask, value, lane < lanes ? lane : lane - lanes, "__shfl_up_sync", file,
                       line);
}

inline bool __any_sync(unsigned mask, bool predicate, SIMT_PLACE) {
  simt::Vote own{predicate, false};
  simt::this_block().meet(mask, simt::exchange_votes, &own, "__any_sync", file, line);
  return own.any;
}
